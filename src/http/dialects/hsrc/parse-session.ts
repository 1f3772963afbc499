import type { Static } from '@fastify/type-provider-typebox'
import type { Caller } from '../../../core/account.ts'
import { COUNTRIES } from '../../../core/countries.ts'
import type { CustomField, DoorNotes, PaymentTemplate, Session } from '../../../core/session.ts'
import { isDoorNotes, MOST_DISPLAY_NAME, MOST_NOTES_BYTES } from '../../../core/session-limits.ts'
import type { NewSessionInput } from '../../../flows/session-input.ts'
import { ownIdIfNamed } from '../../api/api.ts'
import { LOCALES } from '../../api/sessions/parameters.ts'
import { given, newMetadata, requireCurrency } from '../../api/sessions/parse-session.ts'
import { Refused } from '../../errors.ts'
import {
  email,
  flag,
  integer,
  later,
  lines,
  list,
  metadata,
  name,
  oneOf,
  openObject,
  optional,
  text,
  url,
} from '../../parameters/fields.ts'

const customField = () =>
  openObject({
    key: text(100),
    label: optional(text(200)),
    type: oneOf(['TEXT', 'NUMBER', 'SELECT']),
    required: optional(flag()),
    placeholder: optional(text(200)),
    options: optional(list(text(100), 200)),
  })

export const amount = () => integer(1, 999_999_999_999)
/** On, off, or as the card wants it. */
export const secureMode = () =>
  optional(text(5, { pattern: '^(?:true|false|auto)$', shape: 'must be true, false or "auto"' }))

export const CreateSession = openObject({
  after_completion_message: optional(lines(1000)),
  after_completion_type: optional(oneOf(['HOSTED_PAGE', 'REDIRECT'])),
  after_completion_url: optional(text(5000)),
  amount: amount(),
  amount_mode: optional(oneOf(['FIXED'], ['CUSTOMER_INPUT'])),
  auto_capture: optional(flag()),
  business_logo_url: optional(url(2048)),
  business_name: optional(text(MOST_DISPLAY_NAME)),
  cancel_url: optional(text(5000)),
  collect_address: optional(oneOf(['NONE', 'BILLING', 'SHIPPING', 'BOTH'])),
  collect_name: optional(flag()),
  collect_phone: optional(flag()),
  currency: text(3),
  custom_fields_schema: optional(list(customField(), 20)),
  customer_id: optional(name()),
  customer_input_max: later(),
  customer_input_min: later(),
  customer_input_preset: later(),
  description: optional(text(500)),
  expires_at: optional(text(40)),
  installments: later(),
  metadata: optional(metadata()),
  payer_email: optional(email()),
  payer_locale: optional(text(35)),
  payer_name: optional(text(200)),
  payer_phone: optional(text(40)),
  payment_link_id: later(),
  return_url: optional(text(5000)),
  routing_strategy: later(),
  secure_mode: secureMode(),
  url: optional(url(2048)),
})
type CreateSessionBody = Static<typeof CreateSession>

/** What is said again as the shop said it, and what of it only this door understands. */
export type SessionNotes = Pick<
  CreateSessionBody,
  | 'after_completion_message'
  | 'after_completion_type'
  | 'collect_address'
  | 'collect_name'
  | 'custom_fields_schema'
  | 'payer_name'
  | 'payer_phone'
  | 'url'
>

/** Another door's sessions have no such notes. */
export const notesOf = ({ door, document }: Pick<Session, 'door' | 'document'>): SessionNotes =>
  door === 'hsrc' ? ((document.dialect ?? {}) as SessionNotes) : {}

export function parseNewSession(caller: Caller, body: CreateSessionBody): NewSessionInput {
  const currency = requireCurrency(body.currency, 'currency')
  const productData = { name: body.description ?? 'Payment' }
  const isRedirect = body.after_completion_type !== 'HOSTED_PAGE'
  const asksFor = (kind: string) => body.collect_address === kind || body.collect_address === 'BOTH'
  const locale = body.payer_locale?.toLowerCase().replaceAll('_', '-')
  return given({
    lineItems: [{ priceData: { currency, unitAmount: BigInt(body.amount), productData }, quantity: 1 }],
    successUrl: absolute(isRedirect ? (body.after_completion_url ?? body.return_url) : body.return_url, 'return_url'),
    cancelUrl: absolute(body.cancel_url, 'cancel_url'),
    expiresAt: body.expires_at === undefined ? undefined : parseMoment(body.expires_at),
    customerId: ownIdIfNamed(caller, 'customer', body.customer_id, 'customer_id'),
    customerEmail: body.payer_email,
    displayName: body.business_name,
    appearance: body.business_logo_url === undefined ? undefined : { logoUrl: body.business_logo_url },
    metadata: newMetadata(body.metadata),
    locale: LOCALES.find((known) => known.toLowerCase() === locale),
    billingAddressCollection: asksFor('BILLING') ? ('required' as const) : undefined,
    shippingCountries: asksFor('SHIPPING') ? COUNTRIES : undefined,
    phoneNumberCollection: body.collect_phone,
    customFields: body.custom_fields_schema?.map(parseCustomField),
    paymentTemplate: parseTemplate(body),
    dialect: parseNotes(body),
  })
}

/** What the payment is made with, and what it carries of the session. */
export function parseTemplate(
  body: Pick<CreateSessionBody, 'auto_capture' | 'secure_mode' | 'metadata'>,
): PaymentTemplate {
  return given({
    captureMethod: body.auto_capture === false ? ('manual' as const) : undefined,
    requestThreeDSecure: body.secure_mode === 'true' ? ('challenge' as const) : undefined,
    metadata: newMetadata(body.metadata),
  })
}

function parseNotes(body: CreateSessionBody): DoorNotes {
  const notes: SessionNotes = given({
    after_completion_message: body.after_completion_message,
    after_completion_type: body.after_completion_type,
    collect_address: body.collect_address,
    collect_name: body.collect_name,
    custom_fields_schema: body.custom_fields_schema,
    payer_name: body.payer_name,
    payer_phone: body.payer_phone,
    url: body.url,
  })
  if (isDoorNotes(notes)) return notes
  const detail = `at most ${MOST_NOTES_BYTES} bytes of JSON, together with the session's other texts`
  throw new Refused({ code: 'parameter_too_long', param: 'custom_fields_schema', detail })
}

const FIELD_TYPES = { TEXT: 'text', NUMBER: 'numeric', SELECT: 'dropdown' } as const

function parseCustomField(
  field: NonNullable<CreateSessionBody['custom_fields_schema']>[number],
  index: number,
): CustomField {
  const { key, label = key, type, required = false, options = [] } = field
  const param = `custom_fields_schema[${index}]`
  if (type !== 'SELECT') return { key, label, type: FIELD_TYPES[type], optional: !required }
  if (options.length === 0) throw new Refused({ code: 'parameter_missing', param: `${param}[options]` })
  const choices = options.map((value) => ({ label: value, value }))
  return { key, label, type: 'dropdown', optional: !required, options: choices }
}

function absolute(text: string | undefined, param: string): string | undefined {
  if (text === undefined || URL.canParse(text)) return text
  throw new Refused({ code: 'parameter_invalid_string', param, detail: 'must be an absolute URL' })
}

const MOMENT = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:Z|[+-]\d\d:\d\d)$/

function parseMoment(text: string): Date {
  const millis = MOMENT.test(text) ? Date.parse(text) : Number.NaN
  if (!Number.isNaN(millis)) return new Date(millis)
  const detail = 'must be a time such as 2026-01-31T12:20:00Z'
  throw new Refused({ code: 'parameter_invalid_string', param: 'expires_at', detail })
}
