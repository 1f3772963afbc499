/**
 * A state machine as a total table: every state times every event is a cell, so nothing is undecided.
 * The same table yields the TypeScript union, the SQL allow-list and the documentation's graph.
 */
export type Cell<State extends string> =
  | State
  /** The fact is known already or comes too late to matter: nothing changes, and nobody is told. */
  | '='
  /** The fact contradicts what evidence said before: nothing changes, the provider is asked again. */
  | '!'
  /** An order that this state does not allow. */
  | '-'

export type Machine<State extends string, Event extends string> = {
  readonly [state in State]: { readonly [event in Event]: Cell<State> }
}

export type Step<State extends string> =
  | { readonly is: 'moved'; readonly to: State }
  | { readonly is: 'known' }
  | { readonly is: 'contradiction' }
  | { readonly is: 'refused' }

export function step<State extends string, Event extends string>(
  machine: Machine<State, Event>,
  state: State,
  event: Event,
): Step<State> {
  const cell: Cell<State> = machine[state][event]
  if (cell === '=') return { is: 'known' }
  if (cell === '!') return { is: 'contradiction' }
  if (cell === '-') return { is: 'refused' }
  return { is: 'moved', to: cell as State }
}

/** The states of a machine in the order of its table: the SQL check constraint lists exactly these. */
export function statesOf<State extends string>(machine: Machine<State, string>): readonly State[] {
  return Object.keys(machine) as State[]
}

/** Every edge, for the documentation's graph: `[from, event, to]`. */
export function edgesOf<State extends string, Event extends string>(
  machine: Machine<State, Event>,
): readonly (readonly [State, Event, State])[] {
  const edges: (readonly [State, Event, State])[] = []
  for (const from of statesOf(machine)) {
    for (const event of Object.keys(machine[from]) as Event[]) {
      const next = step(machine, from, event)
      if (next.is === 'moved') edges.push([from, event, next.to])
    }
  }
  return edges
}
