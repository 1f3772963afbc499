import type { Static } from '@fastify/type-provider-typebox'
import {
  anything,
  decimal,
  flag,
  integer,
  later,
  list,
  oneOf,
  openObject,
  optional,
  text,
  url,
} from '../../parameters/fields.ts'

const MOST_METADATA_BYTES = 10 * 1024

/** Cart lines as the storefront SDK sends them; `quantity` and `price` are what others call the same. */
const Item = openObject({
  name: text(250),
  qty: optional(integer(1, 999_999)),
  quantity: optional(integer(1, 999_999)),
  unitPrice: optional(decimal()),
  price: optional(decimal()),
  productId: optional(text(200)),
  imageUrl: optional(url(2048)),
  recurring: later(),
})

/** What belongs to donations and to recurring payments is read, so that it is refused by its name and never ignored. */
export const CreateSession = openObject({
  merchantId: text(100),
  merchantName: text(100),
  amount: optional(decimal()),
  currency: optional(text(3)),
  items: optional(list(Item, 99)),
  successUrl: url(2048),
  cancelUrl: url(2048),
  errorUrl: url(2048),
  embedMode: optional(oneOf(['redirect', 'popup', 'iframe', 'new_tab'])),
  parentOrigin: optional(url(2048)),
  allowPopup: optional(flag()),
  checkoutMode: optional(oneOf(['payment', 'donation', 'recurring'])),
  recurringConfig: optional(anything(2048)),
  donationConfig: optional(anything(2048)),
  surchargePercent: optional(decimal()),
  transactionChannel: optional(oneOf(['ecommerce'], ['moto'])),
  taxExempt: optional(flag()),
  collectShippingAddress: optional(flag()),
  metadata: optional(anything(MOST_METADATA_BYTES)),
  appearance: optional(anything(8 * 1024)),
  idempotencyKey: optional(text(255)),
})
export type CreateSessionBody = Static<typeof CreateSession>
export type ItemBody = NonNullable<CreateSessionBody['items']>[number]
