import type { FastifyInstance } from 'fastify'
import type { PageAlias } from '../core/page-alias.ts'
import { DIALECTS, type Dialect } from '../core/session.ts'
import { type PaymentReturn, paymentReturnOf, type ShopReturn, shopReturnOf } from '../core/shop-returns.ts'
import { shopReturnUrl } from '../flows/challenge-visit.ts'
import type { ApiDeps, DoorsDeps } from './api/api.ts'
import { registerApi } from './api/index.ts'
import { KnownKeys } from './authenticate.ts'
import { DIALECT_PAGES, DIALECT_ROUTES, type DoorPageDeps } from './dialects/index.ts'
import { SESSION_NAMES } from './dialects/session-names.ts'

/** Opens the native door, and those for clients of other systems that this server has. @returns what they stand on */
export function registerDoors(app: FastifyInstance, deps: DoorsDeps, dialects: readonly Dialect[]): ApiDeps {
  const all: ApiDeps = {
    ...deps,
    keys: new KnownKeys(deps.env, dialects),
    nameAt: (dialect, session) => (dialects.includes(dialect) ? (SESSION_NAMES[dialect]?.(session) ?? null) : null),
  }
  app.decorateRequest('caller', null)
  app.decorateRequest('card', null)
  app.decorateRequest('cardTenant', null)
  registerApi(app, all)
  for (const dialect of dialects) DIALECT_ROUTES[dialect]?.(app, all)
  return all
}

/**
 * What the page is told of the doors. A door that was closed has no addresses any more, but the shoppers whom it sent
 * are still sent back as their shops expect.
 */
export function pagesOfDoors(
  deps: DoorPageDeps,
  dialects: readonly Dialect[],
): {
  readonly returns: ShopReturn
  readonly paymentReturns: PaymentReturn
  readonly aliases: readonly PageAlias[]
} {
  const pages = DIALECTS.map((dialect) => [dialect, DIALECT_PAGES[dialect]?.(deps)] as const)
  return {
    returns: shopReturnOf(
      Object.fromEntries(pages.flatMap(([door, page]) => (page?.returns ? [[door, page.returns]] : []))),
    ),
    paymentReturns: paymentReturnOf(
      Object.fromEntries(pages.flatMap(([door, page]) => (page?.paymentReturns ? [[door, page.paymentReturns]] : []))),
      shopReturnUrl,
    ),
    aliases: pages.flatMap(([door, page]) => (dialects.includes(door) ? (page?.aliases ?? []) : [])),
  }
}
