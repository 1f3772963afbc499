import type { Connector, HookDelivery, HookReading } from '../connectors/contract.ts'
import type { Payments } from './pay.ts'

/** A connector that providers may tell something. */
export type Listening = Connector & Required<Pick<Connector, 'hook'>>

export type Taken =
  /** `known`: told before. Either way it is ours now, and need not be told again. */
  | { readonly is: 'kept' | 'known' | 'no_tenant' }
  | { readonly is: 'refused'; readonly because: Extract<HookReading, { ok: false }>['because'] }

/** Whoever may tell us something about a tenant: nobody about a live one from a sandbox. */
export function listeningConnector(connectors: readonly Connector[], id: string, live: boolean): Listening | undefined {
  const connector = connectors.find((one) => one.id === id)
  return connector?.hook && (!live || connector.can.live) ? (connector as Listening) : undefined
}

/** Keeps what a provider says, once it is known to be the provider's: for asking about, soon, by whoever is free. */
export async function takeNotice(
  { storage, env }: Pick<Payments, 'storage' | 'env'>,
  connector: Listening,
  delivery: HookDelivery,
  secrets: readonly string[],
): Promise<Taken> {
  const now = env.now()
  const read = connector.hook(delivery, secrets, now)
  if (!read.ok) return { is: 'refused', because: read.because }
  const { tenant } = delivery
  return { is: await storage.keepNotice({ tenant, connector: connector.id, ...read.notice, receivedAt: now }) }
}
