import type { Static } from '@fastify/type-provider-typebox'
import type { Address, Collected } from '../../../core/session.ts'
import { given, newMetadata } from '../../api/sessions/parse-session.ts'
import {
  anything,
  email,
  flag,
  later,
  metadata,
  name,
  oneOf,
  openObject,
  optional,
  text,
} from '../../parameters/fields.ts'

const address = () =>
  openObject({
    country: optional(text(2, { pattern: '^[A-Za-z]{2}$', shape: 'must be a two-letter country code, such as TR' })),
    city: optional(text(200)),
    state: optional(text(100)),
    line1: optional(text(200)),
    line2: optional(text(200)),
    zip: optional(text(50)),
  })

/** The vault has taken number, code and expiry by the time that anybody reads this; a name stands for the number. */
export const paymentMethod = () =>
  openObject({
    id: optional(name()),
    type: optional(oneOf(['card', 'CARD', 'credit_card', 'CREDIT_CARD'])),
    data: optional(
      openObject({
        pan: optional(name()),
        month: optional(text(10)),
        year: optional(text(10)),
        name: optional(text(200)),
      }),
    ),
  })

/** Who the payer's browser is said to be. Nobody keeps it. */
const identity = () => optional(anything(4000))

export const Confirm = openObject({
  payment_method: optional(paymentMethod()),
  payer: optional(
    openObject({
      email: optional(email()),
      name: optional(text(200)),
      phone: optional(text(40)),
      billing_address: optional(address()),
      shipping_address: optional(address()),
      shipping_same_as_billing: optional(flag()),
      custom_fields: optional(metadata()),
      custom_fields_values: optional(metadata()),
    }),
  ),
  payer_identity: identity(),
  return_url: optional(text(5000)),
  routing_strategy: later(),
  installments: later(),
})
export type ConfirmBody = Static<typeof Confirm>

/** What the page would have asked the shopper for. Who holds the card is who pays, unless the payer has another name. */
export function collectedFrom({ payer = {}, payment_method: method }: ConfirmBody): Collected {
  const holder = payer.name ?? method?.data?.name
  const billing = payer.billing_address && parseAddress(payer.billing_address)
  const shipping = payer.shipping_same_as_billing
    ? billing
    : payer.shipping_address && parseAddress(payer.shipping_address)
  return given({
    email: payer.email,
    name: holder,
    phone: payer.phone,
    billing,
    shipping: shipping && { name: holder ?? '', address: shipping },
    customFields: newMetadata(payer.custom_fields ?? payer.custom_fields_values),
  })
}

function parseAddress({ zip, country, ...rest }: Static<ReturnType<typeof address>>): Address {
  return given({ ...rest, country: country?.toUpperCase(), postalCode: zip })
}
