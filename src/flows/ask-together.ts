type Round = { readonly now: Promise<void>; later: Promise<void> | undefined }

/** What is being asked, per owner of the work: two programs in one process do not share a question. */
const rounds = new WeakMap<object, Map<string, Round>>()

/**
 * Has a question asked that begins no earlier than this call, for its answer must know what moved the caller to ask.
 * However many want the same at once, one question is under way and one comes after it.
 */
export function askTogether(owner: object, about: string, ask: () => Promise<void>): Promise<void> {
  const asked = rounds.get(owner) ?? new Map<string, Round>()
  rounds.set(owner, asked)
  const begin = () => beginRound(asked, about, ask)
  const round = asked.get(about)
  if (!round) return begin()
  round.later ??= round.now.then(begin, begin)
  return round.later
}

function beginRound(asked: Map<string, Round>, about: string, ask: () => Promise<void>): Promise<void> {
  const round: Round = { now: ask(), later: undefined }
  asked.set(about, round)
  // Where somebody waits already, the next round takes this one's place.
  const end = () => void (round.later || asked.delete(about))
  round.now.then(end, end)
  return round.now
}
