/** Calls to copy, in the order in which somebody tries them. A test makes each of them, and reads its `#` lines as well. */
const SAMPLES = `## Calls to copy

The samples run one after the other in a shell that knows the address and the key, here those of \`npm start\`. Put the
\`id\` that a call answered where the next one has \`pi_…\`, and a key of your own order where it has an Idempotency-Key.

\`\`\`sh
. .opentill/dev-keys.env
OPENTILL_URL=http://127.0.0.1:4100
\`\`\`

Pay at once. Amounts count in the currency’s smallest unit, and a repeated call with the same key pays nothing twice:

\`\`\`sh
curl -s "$OPENTILL_URL/v1/payment_intents" -u "$OPENTILL_SECRET_KEY:" -H "Idempotency-Key: order-1042" \\
  -d amount=2400 -d currency=eur -d payment_method=pm_card_visa -d confirm=true
# "status": "succeeded"
\`\`\`

A decline is an error 402, and the payment waits for another card:

\`\`\`sh
curl -s "$OPENTILL_URL/v1/payment_intents" -u "$OPENTILL_SECRET_KEY:" \\
  -d amount=2400 -d currency=eur -d payment_method=pm_card_visa_chargeDeclinedInsufficientFunds -d confirm=true
# "code": "card_declined", "decline_code": "insufficient_funds", "status": "requires_payment_method"

curl -s "$OPENTILL_URL/v1/payment_intents/pi_…/confirm" -u "$OPENTILL_SECRET_KEY:" -d payment_method=pm_card_visa
# "status": "succeeded"
\`\`\`

### 3-D Secure

\`\`\`sh
curl -s "$OPENTILL_URL/v1/payment_intents" -u "$OPENTILL_SECRET_KEY:" \\
  -d amount=2400 -d currency=eur -d payment_method=pm_card_threeDSecure2Required -d confirm=true \\
  -d return_url=https://shop.example/back
# "status": "requires_action", "type": "redirect_to_url"
\`\`\`

Send the shopper to \`next_action.redirect_to_url.url\`; in test mode the code is always 123456. They come back to your
\`return_url\`, which proves nothing. Take \`payment_intent.succeeded\` from a [verified event](events.md), or read the payment:

\`\`\`sh
curl -s "$OPENTILL_URL/v1/payment_intents/pi_…" -u "$OPENTILL_SECRET_KEY:"
# "status": "succeeded"
\`\`\`

### Hold, then capture or release

\`\`\`sh
curl -s "$OPENTILL_URL/v1/payment_intents" -u "$OPENTILL_SECRET_KEY:" \\
  -d amount=2400 -d currency=eur -d payment_method=pm_card_visa -d confirm=true -d capture_method=manual
# "status": "requires_capture", "amount_capturable": 2400
\`\`\`

A payment is captured once, whole or in part; what the capture leaves is released. Without \`amount_to_capture\` all of it is
taken. A hold that nobody captures runs out after seven days.

\`\`\`sh
curl -s "$OPENTILL_URL/v1/payment_intents/pi_…/capture" -u "$OPENTILL_SECRET_KEY:" -d amount_to_capture=1800
# "status": "succeeded", "amount_received": 1800, "amount_capturable": 0
\`\`\`

What is only held is released by canceling the payment:

\`\`\`sh
curl -s "$OPENTILL_URL/v1/payment_intents" -u "$OPENTILL_SECRET_KEY:" \\
  -d amount=900 -d currency=eur -d payment_method=pm_card_visa -d confirm=true -d capture_method=manual
# "status": "requires_capture"

curl -s -X POST "$OPENTILL_URL/v1/payment_intents/pi_…/cancel" -u "$OPENTILL_SECRET_KEY:"
# "status": "canceled"
\`\`\`

### Refund

In parts, as often as there is something left; without \`amount\` all that is left. Here of a payment of 2400:

\`\`\`sh
curl -s "$OPENTILL_URL/v1/payment_intents" -u "$OPENTILL_SECRET_KEY:" \\
  -d amount=2400 -d currency=eur -d payment_method=pm_card_visa -d confirm=true
# "status": "succeeded"

curl -s "$OPENTILL_URL/v1/refunds" -u "$OPENTILL_SECRET_KEY:" -d payment_intent=pi_… -d amount=500
# "amount": 500, "status": "succeeded"

curl -s "$OPENTILL_URL/v1/refunds" -u "$OPENTILL_SECRET_KEY:" -d payment_intent=pi_…
# "amount": 1900, "status": "succeeded"
\`\`\`

A payment that the page collected is the session’s \`payment_intent\`, and is captured and refunded in the same way.

### With the SDK

In the folder of Opentill, or wherever \`stripe\` is installed: \`node --env-file=.opentill/dev-keys.env by-server.mjs\`.

\`\`\`js
// by-server.mjs
import Stripe from 'stripe'

const stripe = new Stripe(process.env.OPENTILL_SECRET_KEY, { host: '127.0.0.1', port: 4100, protocol: 'http' })
const order = { amount: 2400, currency: 'eur', confirm: true }

try {
  await stripe.paymentIntents.create({ ...order, payment_method: 'pm_card_visa_chargeDeclined' })
} catch (error) {
  if (!(error instanceof Stripe.errors.StripeCardError)) throw error
  console.log(error.decline_code, error.payment_intent.status) // generic_decline requires_payment_method
}

const asked = await stripe.paymentIntents.create({
  ...order,
  payment_method: 'pm_card_threeDSecure2Required',
  return_url: 'https://shop.example/back',
})
console.log(asked.status, asked.next_action.type) // requires_action redirect_to_url

const held = await stripe.paymentIntents.create({ ...order, payment_method: 'pm_card_visa', capture_method: 'manual' })
const taken = await stripe.paymentIntents.capture(held.id, { amount_to_capture: 1800 })
console.log(taken.status, taken.amount_received) // succeeded 1800

const refund = await stripe.refunds.create({ payment_intent: held.id, amount: 500 })
console.log(refund.status, refund.amount) // succeeded 500
\`\`\`
`

export const apiSamples = (): readonly string[] => SAMPLES.split('\n')
