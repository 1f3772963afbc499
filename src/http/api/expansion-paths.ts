import { Refused } from '../errors.ts'

/** The kinds of objects that a path walks over. */
export type Node =
  | 'account'
  | 'attempt'
  | 'charge'
  | 'customer'
  | 'dispute'
  | 'endpoint'
  | 'event'
  | 'item'
  | 'method'
  | 'movement'
  | 'payment'
  | 'price'
  | 'product'
  | 'refund'
  | 'session'
/**
 * `ref`: a name becomes its object. `inside`: the object is there. `lines` and `refunds`: a list is added to the object.
 * `empty`: null.
 */
export type Edge = {
  readonly how: 'ref' | 'inside' | 'lines' | 'refunds' | 'empty'
  /** What it may lead to; more than one where only the name tells. */
  readonly to: readonly Node[]
}

const ref = (...to: readonly Node[]): Edge => ({ how: 'ref', to })
const empty: Edge = { how: 'empty', to: [] }
export const GRAPH: { readonly [node in Node]: Readonly<Record<string, Edge>> } = {
  account: {},
  attempt: {},
  charge: {
    customer: ref('customer'),
    payment_intent: ref('payment'),
    refunds: { how: 'refunds', to: ['refund'] },
    application: empty,
    application_fee: empty,
    balance_transaction: ref('movement'),
    failure_balance_transaction: empty,
    on_behalf_of: empty,
    review: empty,
    source_transfer: empty,
  },
  customer: { default_source: empty, test_clock: empty },
  dispute: { charge: ref('charge'), payment_intent: ref('payment') },
  endpoint: {},
  event: {},
  item: { price: { how: 'inside', to: ['price'] } },
  method: { customer: ref('customer') },
  movement: { source: ref('charge', 'refund', 'dispute') },
  payment: {
    customer: ref('customer'),
    latest_charge: ref('charge'),
    application: empty,
    on_behalf_of: empty,
    payment_method: ref('method'),
    review: empty,
    source: empty,
  },
  price: { product: ref('product') },
  product: { default_price: ref('price'), tax_code: empty },
  refund: {
    charge: ref('charge'),
    payment_intent: ref('payment'),
    balance_transaction: ref('movement'),
    customer: ref('customer'),
    payment_method: empty,
    source_transfer_reversal: empty,
    transfer_reversal: empty,
  },
  session: {
    customer: ref('customer'),
    line_items: { how: 'lines', to: ['item'] },
    payment_intent: ref('payment'),
    invoice: empty,
    payment_link: empty,
    setup_intent: empty,
    subscription: empty,
  },
}

export interface Branches extends Map<string, Branches> {}

const MOST_LEVELS = 4

/**
 * The paths as a tree. A change asks this before it is made: it must not happen and then be answered with an error.
 * @throws Refused
 */
export function planExpansion(node: Node, paths: readonly string[] = [], list = false): Branches {
  const root: Branches = new Map()
  for (const path of paths) grow(root, node, path, list)
  return root
}

/** Adds a path to the tree of paths when the graph knows it. */
function grow(root: Branches, start: Node, path: string, list: boolean): void {
  const segments = path.split('.')
  if (segments.length > MOST_LEVELS) refuse(path)
  if (list && segments.shift() !== 'data') refuse(path)
  let nodes: readonly Node[] = [start]
  let branches = root
  for (let at = 0; at < segments.length; at++) {
    const segment = segments[at] ?? ''
    const edge = nodes
      .map((node) => (Object.hasOwn(GRAPH[node], segment) ? GRAPH[node][segment] : undefined))
      .find(Boolean)
    if (!edge || (edge.how === 'inside' && at === segments.length - 1)) refuse(path)
    const next: Branches = branches.get(segment) ?? new Map()
    branches.set(segment, next)
    branches = next
    nodes = edge.to
    if (isList(edge) && at < segments.length - 1 && segments[++at] !== 'data') refuse(path)
  }
  if (segments.length === 0) refuse(path)
}

const isList = ({ how }: Edge): boolean => how === 'lines' || how === 'refunds'

function refuse(path: string): never {
  throw new Refused({ code: 'expand_invalid', param: 'expand', detail: path })
}
