import type { FastifyInstance } from 'fastify'
import type { ErrorFacts } from '../../core/error-page.ts'
import type { PageAlias } from '../../core/page-alias.ts'
import type { Dialect } from '../../core/session.ts'
import type { PaymentReturn, ShopReturn } from '../../core/shop-returns.ts'
import type { Context } from '../../flows/call.ts'
import { openBpc } from './bpc/index.ts'
import { bpcPaymentReturn, bpcReturn } from './bpc/returns.ts'
import type { DoorDeps } from './door.ts'
import { openHsrc } from './hsrc/index.ts'
import { hsrcPaymentReturn, hsrcReturn } from './hsrc/returns.ts'
import { registerOpenCheckout } from './opencheckout/index.ts'
import { openCheckoutPage } from './opencheckout/page.ts'
import { openOzura } from './ozura/index.ts'
import { ozuraPage } from './ozura/page.ts'
import { registerSecPaid } from './secpaid/index.ts'
import { secPaidPage } from './secpaid/page.ts'

/** The routes of each door for clients of another system. Deleting a folder and its line here closes it for good. */
export const DIALECT_ROUTES: Partial<Readonly<Record<Dialect, (app: FastifyInstance, deps: DoorDeps) => void>>> = {
  opencheckout: registerOpenCheckout,
  bpc: openBpc,
  ozura: openOzura,
  secpaid: registerSecPaid,
  hsrc: openHsrc,
}

/** What a door has the page do, which knows no door: where shoppers go in the end, and by which addresses they come. */
export type DoorPage = {
  readonly returns?: ShopReturn
  readonly paymentReturns?: PaymentReturn
  readonly aliases?: readonly PageAlias[]
}
export type DoorPageDeps = Context & {
  readonly publicUrl: () => string
  /** The address of the page for errors without a session; there is none where Ozura's door is closed. */
  readonly errorPageUrl?: (facts: ErrorFacts) => string
}
export const DIALECT_PAGES: Partial<Readonly<Record<Dialect, (deps: DoorPageDeps) => DoorPage>>> = {
  opencheckout: openCheckoutPage,
  bpc: () => ({ returns: bpcReturn, paymentReturns: bpcPaymentReturn }),
  ozura: ozuraPage,
  secpaid: secPaidPage,
  hsrc: () => ({ returns: hsrcReturn, paymentReturns: hsrcPaymentReturn }),
}
