import { createCipheriv, createHmac } from 'node:crypto'
import type { DoorEvents } from '../../../core/door-events.ts'
import type { EventFact, Snapshot } from '../../../core/event.ts'
import type { Session } from '../../../core/session.ts'
import type { OpenSecret } from '../door-events.ts'
import { isLink, type Link, userIdOf } from './ids.ts'
import { notesOf } from './notes.ts'
import { decimalOf, noteOf } from './render-link.ts'

const PAID = 'success'
const CANCELED = 'cancel'
const JSON_SHAPE = 'secpaid/json'
const FORM_SHAPE = 'secpaid/form'

/** SecPaid tells two things: that a link was paid, and that its shopper canceled. */
export function secPaidEvents(open: OpenSecret): DoorEvents {
  return {
    types: [PAID, CANCELED],
    typeOf,
    render: ({ event }) => {
      const status = typeOf(event)
      const { snapshot } = event
      if (status === undefined || snapshot.is !== 'session' || !isLink(snapshot.session)) {
        throw new RangeError('only links that ended are told of here')
      }
      return bytesOf(snapshot.session, status, open)
    },
    headers: ({ shape, body, secrets: [secret = ''] }) => ({
      accept: 'application/json',
      'content-type': shape === FORM_SHAPE ? 'application/x-www-form-urlencoded' : 'application/json',
      'x-secpaid-signature': createHmac('sha256', secret).update(body).digest('hex'),
    }),
  }
}

function typeOf({ type, snapshot }: EventFact): typeof PAID | typeof CANCELED | undefined {
  if (snapshot.is !== 'session' || !isLink(snapshot.session)) return undefined
  if (type === 'checkout.session.completed') return isPaid(snapshot) ? PAID : undefined
  if (type !== 'checkout.session.expired' || !isCanceled(snapshot.session)) return undefined
  return notesOf(snapshot.session).tells_cancel === false ? undefined : CANCELED
}

const isPaid = (snapshot: Extract<Snapshot, { readonly is: 'session' }>): boolean =>
  snapshot.captured >= snapshot.session.amountTotal

/** A link that the shop deleted or whose time was over is not told of. */
const isCanceled = ({ state }: Session): boolean => state === 'canceled' || state === 'failed'

function bytesOf(link: Link, status: typeof PAID | typeof CANCELED, open: OpenSecret) {
  const { format, encryption_key } = notesOf(link)
  const nested = {
    ResponseCode: 1,
    data: {
      pay_id: Number(link.linkNumber),
      note: noteOf(link),
      amount: Number(decimalOf(link.amountTotal, link.currency)),
      user_id: userIdOf(link.tenant),
      status: status === PAID ? 'Success' : 'Cancel',
    },
  }
  if (encryption_key !== undefined) {
    const key = open(link.tenant, Buffer.from(encryption_key, 'base64'))
    // Nothing is told in clear that was to be encrypted: it waits until the key is there again.
    if (key === undefined) throw new Error('the encryption key of a link cannot be opened')
    return { shape: JSON_SHAPE, body: Buffer.from(JSON.stringify({ data: encrypt(JSON.stringify(nested), key) })) }
  }
  if (format !== 'urlencoded') return { shape: JSON_SHAPE, body: Buffer.from(JSON.stringify(nested)) }
  return { shape: FORM_SHAPE, body: Buffer.from(flat(link, status).toString()) }
}

/** A cancel has its word under both spellings that are known: shop plugins read the lower one. */
function flat(link: Link, status: typeof PAID | typeof CANCELED): URLSearchParams {
  return new URLSearchParams({
    ResponseCode: '1',
    'data[pay_id]': String(link.linkNumber),
    'data[note]': noteOf(link),
    'data[amount]': decimalOf(link.amountTotal, link.currency),
    'data[user_id]': userIdOf(link.tenant),
    'data[status]': status,
    ...(status === CANCELED ? { 'data[Status]': status } : {}),
  })
}

/** AES-256-CBC with PKCS#7; the key's own first 16 characters are the vector, as receivers of this system expect. */
function encrypt(text: string, key: string): string {
  const bytes = Buffer.from(key, 'latin1')
  const cipher = createCipheriv('aes-256-cbc', bytes, bytes.subarray(0, 16))
  return Buffer.concat([cipher.update(text, 'utf8'), cipher.final()]).toString('base64')
}
