import { earliestMonth } from '../core/card-fields.ts'
import { type Currency, exponentOf } from '../core/currencies.ts'
import { declineFacts, shownDeclineClass } from '../core/declines.ts'
import { nameOf } from '../core/ids.ts'
import type { Session } from '../core/session.ts'
import { type ScreenName, screenFor } from '../core/session-machine.ts'
import type { ShopReturn } from '../core/shop-returns.ts'
import { attemptNonce } from '../flows/visit.ts'
import type { Visited } from '../storage/sessions.ts'
import { asksBothAddresses, formFieldsOf, keptSameAddress } from './collected.ts'
import { DECLINED_CODES } from './field-messages.ts'
import type { PageMoney } from './format-money.ts'
import type { VisitScreen } from './model.ts'
import type { FailedScreen } from './screens/ended.ts'
import {
  type FieldErrors,
  type FieldValues,
  type FormFields,
  type FormScreen,
  type Notice,
  SAME_ADDRESS,
} from './screens/form.ts'
import type { PaidScreen } from './screens/paid.ts'

/** How the shopper came, where the session's own state does not say it all. */
export type Arrival = {
  readonly now: Date
  /** The try this window sent, from its URL. */
  readonly sentTry: number | undefined
  readonly urls: {
    readonly self: string
    readonly pay: string
    readonly cancel: string
    readonly goOn: string
    readonly abandon: string
  }
  readonly returns: ShopReturn
  readonly asksPostalCode: boolean
  readonly testNumbers: readonly string[]
}

export function screenNameOf({ session, charge }: Visited, arrival: Pick<Arrival, 'now' | 'sentTry'>): ScreenName {
  return screenFor({
    state: session.state,
    closedBy: session.closedBy,
    charge: charge?.state ?? null,
    givenUp: charge?.document.givenUp === true,
    pastExpiry: session.expiresAt <= arrival.now,
    ownAttempt: arrival.sentTry === session.tries,
  })
}

/** The one screen for a session as it is now. Total: a screen's name without a model does not compile. */
export function screenOf(visited: Visited, arrival: Arrival): VisitScreen {
  const { session } = visited
  const amount = moneyOf(session, session.amountTotal)
  const back = arrival.returns(visited, 'cancel')
  const closing = { amount, nothingTaken: true, ...(back === undefined ? {} : { returnUrl: back }) }
  switch (screenNameOf(visited, arrival)) {
    case 'form':
      return formOf(visited, arrival, {})
    case 'processing':
      return { kind: 'processing', amount, refreshSeconds: 3 }
    case 'challenge':
      return challengeOf(visited, arrival, amount)
    case 'confirming':
      return { kind: 'confirming', amount, reference: sessionName(session), refreshSeconds: 5 }
    case 'success':
      return paidOf(visited, arrival, amount)
    case 'failure':
      return failedOf(visited, arrival, closing)
    case 'canceled_by_shopper':
      return { kind: 'canceled', ...closing }
    case 'closed_by_merchant':
      return { kind: 'closed', ...closing }
    case 'expired':
      return { kind: 'expired', ...closing }
    case 'in_progress_elsewhere':
      return { kind: 'elsewhere', amount, refreshSeconds: 5 }
  }
}

/** Seen by who comes back to it: who was there when it failed was sent to the shop, where the shop has a page for that. */
function failedOf(visited: Visited, arrival: Arrival, closing: Omit<FailedScreen, 'kind' | 'because'>): FailedScreen {
  const { tries, maxTries } = visited.session
  const returnUrl = arrival.returns(visited, 'failure')
  const because = tries >= maxTries ? 'tries' : 'stopped'
  return { kind: 'failed', because, ...closing, ...(returnUrl === undefined ? {} : { returnUrl }) }
}

function challengeOf({ session, charge }: Visited, { urls }: Arrival, amount: PageMoney): VisitScreen {
  const action = charge?.document.action
  // The action is written in the commit that makes the charge wait for it.
  if (!action) return { kind: 'processing', amount, refreshSeconds: 3 }
  const bank = { action: action.url, fields: action.fields }
  if (action.type === 'device_check' && action.frameUrl !== undefined) {
    return { kind: 'device_check', amount, bank, frameUrl: action.frameUrl, goOnUrl: urls.goOn }
  }
  return { kind: 'challenge', amount, bank, abandon: { action: urls.abandon, attempt: attemptNonce(session) } }
}

/** @param typed what a refused form brought, to be shown again with its errors */
export function formOf(
  visited: Visited,
  arrival: Arrival,
  typed: { readonly values?: FieldValues; readonly errors?: FieldErrors; readonly notice?: Notice },
): FormScreen {
  const { session } = visited
  const { document } = session
  const notice = typed.notice ?? (typed.errors ? undefined : lastDecline(visited))
  const fields = formFieldsOf(session, arrival.asksPostalCode)
  const errors = typed.errors ?? (notice === 'details' ? declinedField(visited, fields) : {})
  return {
    kind: 'form',
    amount: moneyOf(session, session.amountTotal),
    lineItems: document.lineItems.map((line) => ({
      name: line.name,
      ...(line.kind === undefined ? {} : { kind: line.kind }),
      ...(line.description === undefined ? {} : { description: line.description }),
      quantity: line.quantity,
      unitAmount: moneyOf(session, line.unitAmount),
      totalAmount: moneyOf(session, line.unitAmount * BigInt(line.quantity)),
      ...(line.images?.[0] === undefined ? {} : { imageUrl: line.images[0] }),
    })),
    submitType: document.submitType ?? 'auto',
    customText: document.customText ?? {},
    payUrl: arrival.urls.pay,
    attempt: attemptNonce(session),
    fields,
    brands: ['visa', 'mastercard', 'amex', 'discover', 'diners', 'jcb', 'unionpay'],
    ...(arrival.testNumbers.length > 0 ? { testNumbers: arrival.testNumbers } : {}),
    today: earliestMonth(arrival.now),
    values: typed.values ?? {},
    errors,
    ...(notice === undefined ? {} : { notice }),
    ...cancelOf(visited, arrival),
    ...(asksBothAddresses(fields) ? { sameAddress: isSameAddress(session, typed.values, errors) } : {}),
    ...(document.customerEmail === undefined ? {} : { customerEmail: document.customerEmail }),
    secondsLeft: Math.max(0, Math.ceil((session.expiresAt.getTime() - arrival.now.getTime()) / 1000)),
  }
}

/** Ticked until the shopper says otherwise; never over a field that has to be corrected. */
function isSameAddress(session: Session, typed: FieldValues | undefined, errors: FieldErrors): boolean {
  if (errors.billingPostalCode !== undefined) return false
  return typed ? typed[SAME_ADDRESS] !== undefined : keptSameAddress(session)
}

/** The last try's decline, in the words a shopper may read. */
export function lastDecline({ session, charge }: Visited): Notice | undefined {
  if (session.state !== 'open' || (charge?.state !== 'declined' && charge?.state !== 'failed')) return undefined
  const code = charge.document.decline?.code
  return code === undefined ? undefined : shownDeclineClass(code, session.tries)
}

/** The field that the last decline points at, when it points at one that this form has. */
export function declinedField({ charge }: Visited, fields: FormFields): FieldErrors {
  const field = charge?.document.decline && declineFacts(charge.document.decline.code).field
  if (field === undefined || (field === 'billingPostalCode' && fields.billing === 'none')) return {}
  return { [field]: DECLINED_CODES[field] }
}

function paidOf(visited: Visited, arrival: Arrival, amount: PageMoney): PaidScreen {
  const { session, charge } = visited
  const card = charge?.document.card
  const { customText, submitType } = session.document
  const returnUrl = arrival.returns(visited, 'success')
  return {
    kind: 'paid',
    seen: arrival.sentTry === session.tries ? 'first' : 'opened_again',
    captured: charge === null || charge.captured > 0n,
    submitType: submitType ?? 'auto',
    amount,
    at: session.completedAt ?? session.createdAt,
    reference: session.document.clientReferenceId ?? sessionName(session),
    ...(card ? { card: { ...brandOfCard(card.brand), last4: card.last4 } } : {}),
    ...(customText?.afterSubmit === undefined ? {} : { afterSubmit: customText.afterSubmit }),
    ...(returnUrl === undefined ? {} : { returnUrl }),
  }
}

function brandOfCard(brand: string): Pick<NonNullable<PaidScreen['card']>, 'brand'> {
  return brand === 'unknown' ? {} : { brand: brand as NonNullable<NonNullable<PaidScreen['card']>['brand']> }
}

/** Leaving is a plain link; only where it ends the session is it a change, and so a POST. */
function cancelOf(visited: Visited, arrival: Arrival): Pick<FormScreen, 'cancel'> {
  const { cancelEnds, document } = visited.session
  if (document.cancelable === false) return {}
  if (cancelEnds) return { cancel: { action: arrival.urls.cancel } }
  const href = arrival.returns(visited, 'cancel')
  return href === undefined ? {} : { cancel: { href } }
}

export const sessionName = (session: Session): string => nameOf('session', session.tenant, session.id)

function moneyOf(session: Session, minor: bigint): PageMoney {
  return { minor, currency: session.currency, exponent: exponentOf(session.currency as Currency) }
}
