import type Stripe from 'stripe'
import { html } from './html.ts'
import { renderPage } from './layout.ts'
import { formatMoney, isCurrency } from './money.ts'

type Session = Pick<Stripe.Checkout.Session, 'id' | 'status' | 'payment_status' | 'amount_total' | 'currency'>
type Words = { readonly state: string; readonly label: string; readonly heading: string; readonly text: string }

/**
 * For sessions that somebody made by hand with this shop's keys, as the first steps of the documentation do. The answer
 * to our own question is shown, and nothing of whoever paid: the address may be anybody's.
 */
export function renderSessionPage(session: Session): string {
  const { state, label, heading, text } = wordsFor(session)
  const main = html`<div class="message">
<p class="badge badge-${state}" data-testid="session-state" data-state="${state}">${label}</p>
<h1>${heading}</h1>
<p>${text}</p>
<p>Our server has just asked the till for this session, under our own key: it is <strong>${session.status ?? 'without a status'}, ${session.payment_status}</strong>, over <strong>${amountOf(session)}</strong>. That this page was opened proves nothing; that answer does, and so does a verified event.</p>
<p><a class="button" href="/">See the six books</a></p>
</div>`
  return renderPage({
    title: label,
    shopper: { bag: new Map(), currency: 'eur' },
    main,
    steps: ['webhook', 'read', 'decide'],
  })
}

function wordsFor({ status, payment_status }: Session): Words {
  if (status === 'expired') {
    const text = 'The till has closed this session without a payment.'
    return { state: 'expired', label: 'Expired', heading: 'The time to pay has run out', text }
  }
  if (status !== 'complete') {
    const text = 'The session is open: nobody has paid it, and its page still takes a card.'
    return { state: 'awaiting', label: 'Awaiting payment', heading: 'This is not paid yet', text }
  }
  if (payment_status === 'unpaid') {
    const text = 'The shopper has nothing left to do, but the money has not been taken so far.'
    return { state: 'pending', label: 'Payment on its way', heading: 'The payment is on its way', text }
  }
  const text =
    'A payment went through from one end to the other. Had it been an order of this shop, the books would be yours.'
  return { state: 'paid', label: 'Paid', heading: 'Thank you, this is paid', text }
}

/** Sessions made by hand may have any currency; of those that we do not sell in, we do not know the decimals. */
function amountOf({ amount_total, currency }: Session): string {
  if (amount_total === null) return 'an open amount'
  return isCurrency(currency)
    ? formatMoney(amount_total, currency)
    : `${amount_total} of the smallest unit of ${(currency ?? '').toUpperCase()}`
}
