import type { Static } from '@fastify/type-provider-typebox'
import { decimal, flag, later, numberName, openObject, optional, text, word } from '../../parameters/fields.ts'

/** What is not known here is left unread: one plugin sends fields of its own. A division of the money is not. */
export const CreateLink = openObject({
  amount: decimal(),
  recipient_note: optional(text(200)),
  callback_url: optional(word(3000)),
  payment_endpoint: optional(word(3000)),
  cancellable: optional(flag()),
  is_cancellation: optional(flag()),
  bank_transfer: optional(flag()),
  is_encryption: optional(flag()),
  encryption_key: optional(word(100)),
  bank_statement_description: optional(text(200)),
  is_qr_link: optional(flag()),
  recipients: later(),
})
export type CreateLinkBody = Static<typeof CreateLink>

export const DeleteLink = openObject({ link_id: numberName() })
export const ListLinks = openObject({ limit: optional(word(20)), search: optional(text(200)) })
export const ListPayIns = openObject({
  page: optional(word(20)),
  limit: optional(word(20)),
  search: optional(text(200)),
  date: optional(word(20)),
  since: optional(word(20)),
  pay_id: optional(numberName()),
})
/** Pages of what there is nothing of yet: payouts are the provider's, and nobody takes a fee here. */
export const ListNothing = openObject({
  page: optional(word(20)),
  limit: optional(word(20)),
  search: optional(text(200)),
  start_date: optional(word(20)),
  end_date: optional(word(20)),
  date: optional(word(20)),
})
export const RefundPayment = openObject({
  pay_id: numberName(),
  refund_amount: decimal(),
  isFullRefund: optional(flag()),
})

/** Judged by the proof among them, so nothing of it is worth a message. */
export const QrImage = openObject({ link_id: optional(numberName()), key: optional(numberName()) })
