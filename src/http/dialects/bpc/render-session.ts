import type { Snapshot } from '../../../core/event.ts'
import { paymentStatusOf } from '../../../core/session.ts'
import { pageCredential } from '../../../flows/visit.ts'
import type { Look } from '../../api/render/parts.ts'
import { sessionWord } from '../session-words.ts'
import { renderCollected } from './customer.ts'
import { bpcId } from './ids.ts'
import { notesOf } from './parse-session.ts'
import { bpcTime } from './times.ts'

type SessionFacts = Omit<Extract<Snapshot, { readonly is: 'session' }>, 'is' | 'v'>

/** The page's address is there as long as somebody may pay on it. */
const PAYABLE: readonly string[] = ['open', 'processing']

/** Any of the account's sessions, whichever door made it. */
export function renderSession({ session, payment, captured }: SessionFacts, look: Look) {
  const { document } = session
  const notes = notesOf(session)
  return {
    id: bpcId('session', session.id),
    amount: Number(session.amountTotal),
    currency: notes.currency ?? session.currency,
    created: bpcTime(session.createdAt),
    expiresAt: bpcTime(session.expiresAt),
    status: sessionWord('bpc', session, captured),
    paymentStatus: paymentStatusOf(session, captured) === 'unpaid' ? 'unpaid' : 'paid',
    ...(PAYABLE.includes(session.state) ? { paymentUrl: `${look.publicUrl}/c/pay/${pageCredential(session)}` } : {}),
    ...(document.successUrl === undefined ? {} : { successUrl: document.successUrl }),
    ...(document.failureUrl === undefined ? {} : { failureUrl: document.failureUrl }),
    locale: notes.locale ?? document.locale ?? 'EN',
    // The system gives a reference to a session that came without one.
    merchantReferenceId: document.clientReferenceId ?? session.id,
    ...(notes.merchantCustomerId === undefined ? {} : { merchantCustomerId: notes.merchantCustomerId }),
    metadata: { ...document.metadata },
    customerDetails: { ...renderCollected(document.collected), ...notes.customerDetails },
    paymentData: {
      captureMethod: document.paymentTemplate?.captureMethod === 'manual' ? 'manual' : 'automatic',
      ...(session.maxTries === 1 ? {} : { maxAttempts: session.maxTries }),
      ...(payment === null ? {} : { paymentId: bpcId('payment', payment.id) }),
    },
  }
}
