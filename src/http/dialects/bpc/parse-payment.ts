import type { Static } from '@fastify/type-provider-typebox'
import type { FastifyRequest } from 'fastify'
import type { Payment } from '../../../core/payment.ts'
import type { Confirmation } from '../../../flows/confirm-payment.ts'
import type { NewPayment } from '../../../flows/create-payment.ts'
import { given, newMetadata, requireCurrency } from '../../api/sessions/parse-session.ts'
import { Refused } from '../../errors.ts'
import { later, metadata, name, oneOf, openObject, optional, text } from '../../parameters/fields.ts'
import { billingOf, type CustomerDetails, customerDetails } from './customer.ts'
import {
  absoluteUrl,
  amount,
  captureMethod,
  merchantCustomerId,
  merchantReferenceId,
  setupFutureUsage,
} from './parse-session.ts'

/** The vault has taken number, code and expiry by the time that anybody reads this; a name stands for the number. */
const paymentMethod = () =>
  openObject({
    type: optional(oneOf(['card'])),
    card: openObject({ number: name(), holder: optional(text(100)) }),
  })

export const CreatePayment = openObject({
  amount: amount(),
  captureMethod: captureMethod(),
  currency: text(3),
  customerDetails: customerDetails(),
  merchantCustomerId: merchantCustomerId(),
  merchantReferenceId: merchantReferenceId(),
  metadata: optional(metadata()),
  paymentMethod: optional(paymentMethod()),
  returnUrl: optional(text(5000)),
  setupFutureUsage: setupFutureUsage(),
  storedPaymentMethodId: later(),
})
type CreatePaymentBody = Static<typeof CreatePayment>

/** What the shop hears again as it said it, where no other door wants to know. */
export type PaymentNotes = {
  readonly currency?: string
  readonly customerDetails?: CustomerDetails
  readonly merchantCustomerId?: string
  readonly merchantReferenceId?: string
}

/** Payments of other doors, and those of sessions, have no such notes. */
export const paymentNotesOf = ({ document: { door, dialect } }: Payment): PaymentNotes =>
  door === 'bpc' ? ((dialect ?? {}) as PaymentNotes) : {}

export function parseNewPayment(request: FastifyRequest, body: CreatePaymentBody): NewPayment {
  if (!body.paymentMethod) throw new Refused({ code: 'parameter_missing', param: 'paymentMethod' })
  if (!request.card) throw new Refused({ code: 'parameter_missing', param: 'paymentMethod[card][number]' })
  const notes: PaymentNotes = given({
    currency: body.currency,
    customerDetails: body.customerDetails,
    merchantCustomerId: body.merchantCustomerId,
    merchantReferenceId: body.merchantReferenceId,
  })
  const billing = billingOf(body.customerDetails, body.paymentMethod.card.holder)
  return given({
    amount: BigInt(body.amount),
    currency: requireCurrency(body.currency, 'currency'),
    method: { made: { card: request.card, billing } },
    captureMethod: body.captureMethod,
    metadata: newMetadata(body.metadata),
    door: 'bpc' as const,
    dialect: notes,
  })
}

export function parseConfirmation({ returnUrl }: CreatePaymentBody): Confirmation {
  return returnUrl === undefined ? {} : { returnUrl: absoluteUrl(returnUrl, 'returnUrl') }
}
