import type { Static } from '@fastify/type-provider-typebox'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { type Confirmation, confirmPayment, createConfirmed } from '../../../flows/confirm-payment.ts'
import { createPayment, type NewPayment, updatePayment } from '../../../flows/create-payment.ts'
import type { Answer } from '../../../flows/once.ts'
import type { Result } from '../../../flows/refusals.ts'
import { Refused } from '../../errors.ts'
import {
  amount,
  boolean,
  currency,
  email,
  expand,
  later,
  lines,
  list,
  metadata,
  name,
  object,
  oneOf,
  optional,
  text,
  unsettable,
} from '../../parameters/fields.ts'
import { acceptedWithPayment, answerChange, markReplay } from '../answer.ts'
import { type Api, type ApiDeps, callerOf, callOf, found, lookOf, ownId, ownIdIfNamed } from '../api.ts'
import { methodData, parseChoice } from '../methods/method-parameters.ts'
import { Named } from '../named.ts'
import { renderPayment } from '../render/render-payment.ts'
import { cardOptions, shippingDetails, statementDescriptor } from '../sessions/parameters.ts'
import {
  given,
  newMetadata,
  parseShipping,
  requireAmount,
  requireCurrency,
  requireMinor,
} from '../sessions/parse-session.ts'
import { PaymentShape } from '../shapes/payment.ts'

const captureMethod = () => optional(oneOf(['automatic', 'automatic_async', 'manual']))
/** What any of the three may say. */
const common = {
  amount_details: later(),
  application_fee_amount: later(),
  excluded_payment_method_types: later(),
  expand: expand(),
  hooks: later(),
  payment_details: later(),
  payment_method: optional(name()),
  payment_method_configuration: later(),
  payment_method_data: optional(methodData()),
  payment_method_options: optional(object({ card: optional(cardOptions()) })),
  payment_method_types: optional(list(oneOf(['card']), 1)),
  receipt_email: unsettable(email()),
  setup_future_usage: later(),
  shipping: unsettable(shippingDetails()),
  transfer_data: later(),
  transfer_group: later(),
}
/** What only a confirmation may say. */
const confirming = {
  confirmation_token: later(),
  error_on_requires_action: optional(boolean()),
  mandate: later(),
  mandate_data: later(),
  off_session: optional(boolean()),
  radar_options: later(),
  return_url: optional(text(5000)),
  use_stripe_sdk: optional(boolean()),
}
const described = {
  description: unsettable(lines(1000)),
  metadata: unsettable(metadata()),
  statement_descriptor: unsettable(statementDescriptor()),
  statement_descriptor_suffix: unsettable(statementDescriptor()),
}
const CreatePayment = object({
  ...common,
  ...confirming,
  ...described,
  amount: amount(),
  automatic_payment_methods: optional(
    object({ allow_redirects: optional(oneOf(['always', 'never'])), enabled: boolean() }),
  ),
  capture_method: captureMethod(),
  confirm: optional(boolean()),
  confirmation_method: optional(oneOf(['automatic', 'manual'])),
  currency: currency(),
  customer: optional(name()),
  customer_account: later(),
  on_behalf_of: later(),
})
const UpdatePayment = object({
  ...common,
  ...described,
  amount: optional(amount()),
  capture_method: captureMethod(),
  currency: later(),
  customer: optional(name()),
})
const ConfirmPayment = object({
  ...common,
  ...confirming,
  capture_method: captureMethod(),
})
type CreateBody = Static<typeof CreatePayment>
type Wire = Static<typeof PaymentShape>

/** Payments of the API alone. */
export function registerPaymentChanges(api: Api, deps: ApiDeps): void {
  const response = { 200: PaymentShape }
  const config = { card: 'payment_method_data' as const }
  const one = '/payment_intents/:id'

  api.post('/payment_intents', { config, schema: { body: CreatePayment, response } }, async (request, reply) => {
    const call = callOf(request, 'payment')
    const input = parsePayment(deps, request, request.body)
    if (request.body.confirm) {
      const confirmed = await createConfirmed(deps, call, input, parseConfirmation(request.body))
      return answerConfirmed(deps, request, reply, confirmed)
    }
    refuseUnconfirmed(request.body)
    return answerChange<Wire>(deps, request, reply, 'payment', await createPayment(deps, call, input))
  })

  api.post(one, { config, schema: { params: Named, body: UpdatePayment, response } }, async (request, reply) => {
    const { body } = request
    const caller = callerOf(request)
    const id = ownId(caller, 'payment', request.params.id)
    const call = callOf(request, 'payment')
    const { currency } = found(await deps.storage.findPayment(caller.tenant, id), 'payment', request.params.id)
    const changes = given({
      amount: body.amount === undefined ? undefined : requireAmount(body.amount, currency, 'amount'),
      customerId: ownIdIfNamed(caller, 'customer', body.customer, 'customer'),
      metadata: body.metadata,
      method: parseChoice(deps, request, body),
      document: given({
        captureMethod: body.capture_method,
        description: body.description,
        receiptEmail: body.receipt_email,
        requestThreeDSecure: body.payment_method_options?.card?.request_three_d_secure,
        shipping: body.shipping && parseShipping(body.shipping),
        statementDescriptor: body.statement_descriptor,
        statementDescriptorSuffix: body.statement_descriptor_suffix,
      }),
    })
    return answerChange<Wire>(deps, request, reply, 'payment', await updatePayment(deps, call, id, changes))
  })

  const confirm = { config, schema: { params: Named, body: ConfirmPayment, response } }
  api.post(`${one}/confirm`, confirm, async (request, reply) => {
    const id = ownId(callerOf(request), 'payment', request.params.id)
    const call = callOf(request, 'payment')
    const { body } = request
    const document = given({
      captureMethod: body.capture_method,
      receiptEmail: body.receipt_email,
      requestThreeDSecure: body.payment_method_options?.card?.request_three_d_secure,
      shipping: body.shipping && parseShipping(body.shipping),
    })
    const method = parseChoice(deps, request, body)
    const confirmation = given({ ...parseConfirmation(body), document, method })
    return answerConfirmed(deps, request, reply, await confirmPayment(deps, call, id, confirmation))
  })
}

function parsePayment(deps: ApiDeps, request: FastifyRequest, body: CreateBody): NewPayment {
  const currency = requireCurrency(body.currency, 'currency')
  return given({
    amount: requireMinor(body.amount, currency, 'amount'),
    currency,
    customerId: ownIdIfNamed(callerOf(request), 'customer', body.customer, 'customer'),
    method: parseChoice(deps, request, body),
    captureMethod: body.capture_method,
    confirmationMethod: body.confirmation_method,
    description: body.description ?? undefined,
    metadata: newMetadata(body.metadata ?? undefined),
    receiptEmail: body.receipt_email ?? undefined,
    requestThreeDSecure: body.payment_method_options?.card?.request_three_d_secure,
    shipping: body.shipping ? parseShipping(body.shipping) : undefined,
    statementDescriptor: body.statement_descriptor ?? undefined,
    statementDescriptorSuffix: body.statement_descriptor_suffix ?? undefined,
  })
}

type Confirming = Pick<CreateBody, 'error_on_requires_action' | 'off_session' | 'return_url'>

/** Whether anybody is there for the issuer's questions, and where they go afterwards. */
function parseConfirmation(body: Confirming): Confirmation {
  const shopper: Confirmation['shopper'] = body.off_session
    ? 'absent'
    : body.error_on_requires_action
      ? 'helpless'
      : undefined
  return given({ returnUrl: body.return_url, shopper })
}

/** What is said of a confirmation means nothing without one. */
function refuseUnconfirmed(body: Confirming): void {
  const param = (['error_on_requires_action', 'off_session', 'return_url'] as const).find((name) => body[name])
  if (param) throw new Refused({ code: 'parameter_missing', param: 'confirm', detail: `${param} needs confirm=true` })
}

/** A decline is an answer about the payment, and an error to whoever confirmed it: SDKs throw it as `StripeCardError`. */
async function answerConfirmed(
  deps: ApiDeps,
  request: FastifyRequest,
  reply: FastifyReply,
  result: Result<Answer>,
): Promise<Wire> {
  const answer = await acceptedWithPayment(deps, request, 'payment', result)
  const { snapshot } = answer
  if (snapshot.is !== 'payment' || snapshot.payment.state !== 'requires_payment_method') {
    return answerChange<Wire>(deps, request, reply, 'payment', result)
  }
  if (answer.replayed) markReplay(reply, answer)
  const payment = renderPayment(snapshot, lookOf(deps))
  const error = { ...payment.last_payment_error, payment_intent: payment, request_id: request.id }
  return reply
    .code(402)
    .header('stripe-should-retry', 'false')
    .type('application/json; charset=utf-8')
    .serializer((body: unknown) => String(body))
    .send(JSON.stringify({ error })) as unknown as Wire
}
