import type { Static } from '@fastify/type-provider-typebox'
import type { FastifyRequest } from 'fastify'
import type { Billing } from '../../../core/charge.ts'
import { isLive } from '../../../core/ids.ts'
import type { ClosedCard } from '../../../flows/card-desk.ts'
import type { MethodChoice } from '../../../flows/create-payment.ts'
import type { NewMethod } from '../../../flows/payment-methods.ts'
import { Refused } from '../../errors.ts'
import {
  address,
  email,
  integer,
  later,
  metadata,
  name,
  object,
  oneOf,
  optional,
  text,
  unsettable,
} from '../../parameters/fields.ts'
import { type ApiDeps, callerOf, missing, ownId } from '../api.ts'
import { given, newMetadata, parseAddress } from '../sessions/parse-session.ts'

const LATER_TYPES = [
  'alipay',
  'bancontact',
  'eps',
  'ideal',
  'klarna',
  'link',
  'paypal',
  'sepa_debit',
  'us_bank_account',
]

export const billingDetails = () =>
  object({
    address: unsettable(address()),
    email: unsettable(email()),
    name: unsettable(text(100)),
    phone: unsettable(text(40)),
    tax_id: later(),
  })

/** The number's place holds its keyed name by the time that anybody reads it here, and the code is gone. */
const card = () =>
  object({
    exp_month: optional(integer(1, 12)),
    exp_year: optional(integer(0, 9999)),
    networks: later(),
    number: optional(name()),
    token: optional(name()),
  })

/** A card with what is known of who holds it. */
export const methodFields = {
  allow_redisplay: later(),
  billing_details: optional(billingDetails()),
  card: optional(card()),
  metadata: unsettable(metadata()),
  radar_options: later(),
  type: oneOf(['card'], LATER_TYPES),
}
export const methodData = () => object(methodFields)
type MethodBody = Static<ReturnType<typeof methodData>>

/** @param at where the card stands, for errors: `card` or `payment_method_data[card]` */
export function parseMethod(deps: ApiDeps, request: FastifyRequest, body: MethodBody, at: string): NewMethod {
  const { number, token } = body.card ?? {}
  if (number !== undefined && token !== undefined) {
    throw new Refused({ code: 'parameters_exclusive', param: `${at}[token]`, detail: `${at}[number], ${at}[token]` })
  }
  const closed = token === undefined ? request.card : testCard(deps, request, token, 'tok_', `${at}[token]`)
  if (!closed) throw new Refused({ code: 'parameter_missing', param: `${at}[number]` })
  return given({
    card: closed,
    billing: body.billing_details && parseBilling(body.billing_details),
    metadata: newMetadata(body.metadata ?? undefined),
  })
}

export function parseBilling(details: Static<ReturnType<typeof billingDetails>>): Billing {
  return given({
    name: details.name ?? undefined,
    email: details.email ?? undefined,
    phone: details.phone ?? undefined,
    address: details.address ? parseAddress(details.address) : undefined,
  })
}

/** The method that a payment's parameters name or describe. */
export function parseChoice(
  deps: ApiDeps,
  request: FastifyRequest,
  body: { readonly payment_method?: string; readonly payment_method_data?: MethodBody },
): MethodChoice | undefined {
  const { payment_method: named, payment_method_data: data } = body
  if (named !== undefined && data !== undefined) {
    const detail = 'payment_method, payment_method_data'
    throw new Refused({ code: 'parameters_exclusive', param: 'payment_method', detail })
  }
  if (data) return { made: parseMethod(deps, request, data, 'payment_method_data[card]') }
  if (named === undefined) return undefined
  return namedTestMethod(deps, request, named) ?? { id: ownId(callerOf(request), 'method', named, 'payment_method') }
}

/** A new method with the card that a name such as `pm_card_visa` stands for; undefined for all other names. */
export function namedTestMethod(
  deps: ApiDeps,
  request: FastifyRequest,
  named: string,
): { readonly made: NewMethod } | undefined {
  if (!named.startsWith(TEST_METHOD)) return undefined
  return { made: { card: testCard(deps, request, named, TEST_METHOD, 'payment_method') } }
}

const TEST_METHOD = 'pm_card_'

/** Stripe's documentation pays with names instead of numbers. They stand for published test numbers, in test mode. */
function testCard(deps: ApiDeps, request: FastifyRequest, named: string, prefix: string, param: string): ClosedCard {
  const { tenant } = callerOf(request)
  const number = named.startsWith(prefix) ? deps.testCards.get(named.slice(prefix.length)) : undefined
  if (number === undefined || isLive(tenant)) throw missing('method', named, param)
  const form = `cardNumber=${number}&cardExpiry=12%2F34&cardCvc=${number.startsWith('3') ? '1234' : '123'}`
  const taken = deps.cards.take(new TextEncoder().encode(form))
  if (!taken.ok) throw new Error('a published test card could not be read')
  return taken.card
}
