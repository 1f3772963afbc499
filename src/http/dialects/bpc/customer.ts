import type { TSchema } from '@fastify/type-provider-typebox'
import type { Billing } from '../../../core/charge.ts'
import type { Collected } from '../../../core/session.ts'
import { given } from '../../api/sessions/parse-session.ts'
import { anything, email, type Json, openObject, optional, text, type Words } from '../../parameters/fields.ts'
import { readParameters } from '../../parameters/read.ts'

export type CustomerDetails = Readonly<Record<string, Json>>

/** Kept to be said again as it came, whatever its members are. */
export const customerDetails = () => optional(anything(4000))

/** The members that we understand. */
const Known: TSchema = openObject({
  customerDetails: openObject({
    email: optional(email()),
    fullName: optional(text(100)),
    phone: optional(text(40)),
    address: optional(
      openObject({
        city: optional(text(200)),
        country: optional(
          text(2, { pattern: '^[A-Za-z]{2}$', shape: 'must be a two-letter country code, such as CY' }),
        ),
        line1: optional(text(200)),
        line2: optional(text(200)),
        postalCode: optional(text(50)),
        state: optional(text(100)),
      }),
    ),
  }),
})
type KnownDetails = {
  readonly email?: string
  readonly fullName?: string
  readonly phone?: string
  readonly address?: NonNullable<Billing['address']>
}

/** Who pays, as far as the shop says it in words that we know. @throws Refused for such a member that is not well said */
export function billingOf(details: CustomerDetails | undefined, holder?: string): Billing {
  const { email: mail, fullName, phone, address }: KnownDetails = details === undefined ? {} : readKnown(details)
  const country = address?.country?.toUpperCase()
  return given({ name: holder ?? fullName, email: mail, phone, address: address && given({ ...address, country }) })
}

function readKnown(details: CustomerDetails): KnownDetails {
  const tree = { customerDetails: details } as Parameters<typeof readParameters>[1]['tree']
  const read = readParameters(Known as Words, { from: 'json', tree }) as { readonly customerDetails: KnownDetails }
  return read.customerDetails
}

/** What the shopper typed on the page, in the members that a shop would have sent. */
export function renderCollected({ email: address, name, phone, billing }: Collected = {}): Record<string, Json> {
  return renderBilling({
    ...(address === undefined ? {} : { email: address }),
    ...(name === undefined ? {} : { name }),
    ...(phone === undefined ? {} : { phone }),
    ...(billing === undefined ? {} : { address: billing }),
  })
}

export function renderBilling({ name, email: mail, phone, address }: Billing = {}): Record<string, Json> {
  return given({ email: mail, fullName: name, phone, address: address && given({ ...address }) })
}
