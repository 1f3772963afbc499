import type { Price } from '../../core/catalog.ts'
import { nameOf, parseName, type Tenant, type Uuid } from '../../core/ids.ts'
import type { Refund } from '../../core/refund.ts'
import type { Session } from '../../core/session.ts'
import type { ApiDeps, NamedKind } from './api.ts'
import { type Branches, type Edge, GRAPH, type Node, planExpansion } from './expansion-paths.ts'
import { renderCharge } from './render/render-charge.ts'
import { renderCustomer, renderDeleted } from './render/render-customer.ts'
import { renderDispute } from './render/render-dispute.ts'
import { inlineProduct, renderLineItem } from './render/render-line-item.ts'
import { renderMethod } from './render/render-method.ts'
import { renderMovement } from './render/render-movement.ts'
import { renderPayment } from './render/render-payment.ts'
import { renderPrice } from './render/render-price.ts'
import { renderProduct } from './render/render-product.ts'
import { renderRefund } from './render/render-refund.ts'

type Wire = Record<string, unknown>
/**
 * Replaces names by their objects along the asked paths, each kind of each level in one read.
 * @param list the paths begin with `data.`, as Stripe's do on lists
 * @param basketsOf the sessions whose lines the objects are: some products stand there and nowhere else
 * @throws Refused for a path that leads nowhere, whatever the objects hold
 */
export async function expandAll(
  deps: ApiDeps,
  tenant: Tenant,
  node: Node,
  objects: readonly object[],
  paths: readonly string[] | undefined,
  list = false,
  basketsOf: readonly Session[] = [],
): Promise<void> {
  const branches = planExpansion(node, paths, list)
  if (branches.size === 0) return
  const expansion = new Expansion(deps, tenant)
  expansion.learnProducts(basketsOf)
  await expansion.walk(node, objects as readonly Wire[], branches)
}

class Expansion {
  readonly #deps: ApiDeps
  readonly #tenant: Tenant
  /** Products that only a session's line describes. */
  readonly #inline = new Map<string, Wire>()

  constructor(deps: ApiDeps, tenant: Tenant) {
    this.#deps = deps
    this.#tenant = tenant
  }

  async walk(node: Node, objects: readonly Wire[], branches: Branches): Promise<void> {
    for (const [field, next] of branches) {
      const edge = Object.hasOwn(GRAPH[node], field) ? GRAPH[node][field] : undefined
      for (const to of objects.length === 0 ? [] : (edge?.to ?? [])) {
        const reached = await this.#follow(edge?.how, to, objects, field)
        await this.walk(to, reached, next)
      }
    }
  }

  async #follow(
    how: Edge['how'] | undefined,
    to: Node,
    objects: readonly Wire[],
    field: string,
  ): Promise<readonly Wire[]> {
    if (how === 'inside') return objects.map((object) => object[field] as Wire)
    if (how === 'lines') return this.#addLines(objects)
    if (how === 'refunds') return this.#addRefunds(objects)
    const named = objects.filter((object) => typeof object[field] === 'string')
    const names = named.map((object) => String(object[field]))
    const loaded = await this.#load(to as NamedKind, [...new Set(names)])
    return named.flatMap((object) => {
      const reached = loaded.get(String(object[field]))
      if (!reached) return []
      const own = structuredClone(reached)
      object[field] = own
      return [own]
    })
  }

  async #load(kind: NamedKind, names: readonly string[]): Promise<ReadonlyMap<string, Wire>> {
    const ids = names.flatMap((name) => parseName(kind, name)?.id ?? [])
    const found = new Map<string, Wire>(
      names.flatMap((name) => {
        const inline = this.#inline.get(name)
        return inline ? [[name, inline] as const] : []
      }),
    )
    for (const object of await this.#read(kind, ids)) found.set(String(object.id), object)
    return found
  }

  async #read(kind: NamedKind, ids: readonly Uuid[]): Promise<readonly Wire[]> {
    const { storage } = this.#deps
    const tenant = this.#tenant
    if (ids.length === 0) return []
    switch (kind) {
      case 'charge':
        return (await storage.readCharges(tenant, ids)).map((charge) => renderCharge(charge))
      case 'customer':
        return (await storage.readCustomers(tenant, ids)).map((customer) =>
          customer.deleted
            ? renderDeleted('customer', nameOf('customer', tenant, customer.id))
            : renderCustomer(customer),
        )
      case 'dispute':
        return (await storage.readDisputes(tenant, ids)).map(renderDispute)
      case 'method':
        return (await storage.readMethods(tenant, ids)).map(renderMethod)
      case 'movement':
        return (await storage.readMovements(tenant, ids)).map(renderMovement)
      case 'payment':
        return renderPayments(this.#deps, tenant, await storage.readPayments(tenant, ids))
      case 'price':
        return (await storage.readPrices(tenant, ids)).map(renderPrice)
      case 'product':
        return (await storage.readProducts(tenant, ids)).map((product) =>
          product.deleted ? renderDeleted('product', nameOf('product', tenant, product.id)) : renderProduct(product),
        )
      case 'refund':
        return renderRefunds(this.#deps, tenant, await storage.readRefunds(tenant, ids))
      default:
        throw new Error(`nothing refers to ${kind} objects`)
    }
  }

  /** Products that are described by a session's line alone. */
  learnProducts(sessions: readonly Session[]): void {
    for (const session of sessions) {
      for (const line of session.document.lineItems) {
        if (!line.inline?.productIsNew) continue
        this.#inline.set(nameOf('product', this.#tenant, line.productId), renderProduct(inlineProduct(session, line)))
      }
    }
  }

  async #addLines(wires: readonly Wire[]): Promise<readonly Wire[]> {
    const ids = wires.flatMap((wire) => parseName('session', String(wire.id))?.id ?? [])
    const views = await this.#deps.storage.readSessionViews(this.#tenant, ids)
    const sessions = [...views.values()].map((view) => view.session)
    const prices = await pricesOf(this.#deps, this.#tenant, sessions)
    this.learnProducts(sessions)
    return wires.flatMap((wire) => {
      const id = parseName('session', String(wire.id))?.id
      const session = id && views.get(id)?.session
      if (!session) return []
      const { lineItems } = session.document
      const data = lineItems.slice(0, FIRST_LINES).map((line) => renderLineItem(session, line, prices))
      const url = `/v1/checkout/sessions/${wire.id}/line_items`
      wire.line_items = { object: 'list', data, has_more: lineItems.length > FIRST_LINES, url }
      return data
    })
  }

  /** The newest ten of each charge; the rest by their own list. */
  async #addRefunds(wires: readonly Wire[]): Promise<readonly Wire[]> {
    const ids = wires.flatMap((wire) => parseName('charge', String(wire.id))?.id ?? [])
    const added: Wire[] = []
    for (const charge of await this.#deps.storage.readCharges(this.#tenant, ids)) {
      const { items, hasMore } = await this.#deps.storage.listRefunds(
        this.#tenant,
        { limit: FIRST_LINES },
        { chargeId: charge.id },
      )
      const name = nameOf('charge', this.#tenant, charge.id)
      for (const wire of wires.filter(({ id }) => id === name)) {
        const data = items.map((refund) => renderRefund(refund, charge))
        wire.refunds = { object: 'list', data, has_more: hasMore, url: `/v1/refunds?charge=${name}` }
        added.push(...data)
      }
    }
    return added
  }
}

/** As Stripe does: the first ten come with the session, the rest by their own list. */
const FIRST_LINES = 10

/** The catalog's prices that the lines of sessions name. */
export async function pricesOf(
  deps: ApiDeps,
  tenant: Tenant,
  sessions: readonly Session[],
): Promise<ReadonlyMap<Uuid, Price>> {
  const ids = sessions.flatMap((session) =>
    session.document.lineItems.flatMap((line) => (line.inline ? [] : [line.priceId])),
  )
  const prices = await deps.storage.readPrices(tenant, [...new Set(ids)])
  return new Map(prices.map((price) => [price.id, price]))
}

/** Payments with what their latest charges say of the money. */
export async function renderPayments(
  deps: ApiDeps,
  tenant: Tenant,
  payments: Awaited<ReturnType<ApiDeps['storage']['readPayments']>>,
) {
  const ids = payments.flatMap((payment) => payment.latestChargeId ?? [])
  const charges = new Map((await deps.storage.readCharges(tenant, ids)).map((charge) => [charge.id, charge]))
  const look = { publicUrl: deps.publicUrl() }
  return payments.map((payment) => {
    const charge = payment.latestChargeId === null ? undefined : charges.get(payment.latestChargeId)
    return renderPayment({ payment, charge: charge ?? null }, look)
  })
}

/** Refunds beside their charges, which say whose they are. */
export async function renderRefunds(deps: ApiDeps, tenant: Tenant, refunds: readonly Refund[]) {
  const charges = await deps.storage.readCharges(tenant, [...new Set(refunds.map(({ chargeId }) => chargeId))])
  const byId = new Map(charges.map((charge) => [charge.id, charge]))
  return refunds.flatMap((refund) => {
    const charge = byId.get(refund.chargeId)
    return charge ? [renderRefund(refund, charge)] : []
  })
}
