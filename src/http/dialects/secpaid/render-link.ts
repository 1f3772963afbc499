import { parseCurrency } from '../../../core/currencies.ts'
import { formatDecimal } from '../../../core/money.ts'
import type { Session } from '../../../core/session.ts'
import { sessionWord } from '../session-words.ts'
import { type Link, payLink, qrImageUrl, userIdOf } from './ids.ts'
import { notesOf } from './notes.ts'

/** `49.99`. What was made through another door may have another currency, and so other decimals. */
export function decimalOf(minor: bigint, code: string): string {
  const currency = parseCurrency(code)
  if (currency === undefined) throw new RangeError(`${code} is no currency`)
  return formatDecimal({ minor, currency })
}

/** `2026-05-20 11:19:48`, in UTC. */
export const momentOf = (moment: Date): string => moment.toISOString().slice(0, 19).replace('T', ' ')

/** The shop's own reference, which its links keep where every door finds it. */
export const noteOf = ({ document }: Session): string => document.clientReferenceId ?? ''

const yesNo = (yes: boolean): 'Yes' | 'No' => (yes ? 'Yes' : 'No')

/** What makes a link answers with it whole, in the members of both generations of the system's clients. */
export function renderNewLink(link: Link, publicUrl: string) {
  const { callback_url, payment_endpoint, statement, qr } = notesOf(link)
  return {
    is_cancellation: yesNo(link.document.cancelable !== false),
    user_id: userIdOf(link.tenant),
    amount: Number(decimalOf(link.amountTotal, link.currency)),
    recipient_note: noteOf(link),
    status: sessionWord('secpaid', link, 0n),
    paymentEndpoint: payment_endpoint ?? '',
    callback_url: callback_url ?? '',
    servicefee: '0.0',
    recipients: null,
    is_split_link: 'false',
    split_type: 'normal',
    bank_transfer: 'false',
    is_qr_link: String(qr === true),
    payment_config: '',
    bank_statement_description: statement ?? '',
    created_at: momentOf(link.createdAt),
    id: Number(link.linkNumber),
    linktopay_id: Number(link.linkNumber),
    transaction_type: typeOfLink(link),
    pay_link: payLink(publicUrl, link),
    qr_img: qrImageUrl(publicUrl, link),
  }
}

export const typeOfLink = (link: Session): 'Personal QR' | 'Basic' => (notesOf(link).qr ? 'Personal QR' : 'Basic')

/** A row of a list is of texts alone. */
export function renderListed(link: Link) {
  return {
    linktopay_id: String(link.linkNumber),
    user_id: userIdOf(link.tenant),
    recipient_note: noteOf(link),
    amount: decimalOf(link.amountTotal, link.currency),
    is_cancelled: 'No',
    recipients: null,
    is_split_link: 'false',
    transaction_type: typeOfLink(link),
  }
}

export const renderUnused = (link: Link, publicUrl: string) => ({
  ...renderListed(link),
  pay_link: payLink(publicUrl, link),
  qr_img: qrImageUrl(publicUrl, link),
})

export const renderUsed = (link: Link) => ({
  ...renderListed(link),
  paid_on: momentOf(link.completedAt ?? link.createdAt),
})
