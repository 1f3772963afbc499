import { fillSessionId } from '../../../core/return-urls.ts'
import type { LineItem, Session } from '../../../core/session.ts'
import { sessionCredential } from '../credentials.ts'
import { sessionWord } from '../session-words.ts'
import { wireAmount } from './amounts.ts'

/** The purpose of the credential that this door's ids carry. */
export const PURPOSE = 'opencheckout'

export const openCheckoutId = (session: Session): string => sessionCredential(PURPOSE, session)

/** A session and the money that came of it. */
export type Seen = { readonly session: Session; readonly captured: bigint; readonly waiting?: boolean }

/** The session object. What it was made through does not matter: every session of the account has this shape here. */
export function renderSession({ session, captured, waiting = false }: Seen, publicUrl: string) {
  const { document } = session
  const id = openCheckoutId(session)
  const filled = (url: string | undefined) => (url === undefined ? null : fillSessionId(url, id))
  return {
    id,
    object: 'checkout.session' as const,
    mode: 'payment' as const,
    status: statusOf(session, captured, waiting),
    url: `${publicUrl}/pay/${id}`,
    amount_total: wireAmount(session.amountTotal, session.currency),
    currency: session.currency.toLowerCase(),
    line_items: document.lineItems.map((line) => renderLine(line, session)),
    metadata: document.metadata ?? {},
    success_url: filled(document.successUrl),
    cancel_url: filled(document.cancelUrl),
    // What only the Open Payments rail has.
    customer_wallet: null,
    incoming_payment: null,
    outgoing_payment: null,
    created_at: session.createdAt.toISOString(),
    expires_at: session.expiresAt.toISOString(),
    completed_at: session.completedAt?.toISOString() ?? null,
  }
}

/** The shopper is with the issuer: what can be resumed has a word of its own here. */
function statusOf(session: Session, captured: bigint, waiting: boolean): string {
  if (session.state === 'processing' && waiting) return 'awaiting_approval'
  return sessionWord('opencheckout', session, captured)
}

function renderLine(line: LineItem, session: Session) {
  return {
    price_data: {
      currency: session.currency.toLowerCase(),
      product_data: {
        name: line.name,
        ...(line.description === undefined ? {} : { description: line.description }),
      },
      unit_amount: wireAmount(line.unitAmount, session.currency),
    },
    quantity: line.quantity,
  }
}
