import type { Address, Collected, Session } from '../core/session.ts'
import { type FieldName, type FieldValues, type FormFields, SAME_ADDRESS } from './screens/form.ts'

/** Which questions this session's form asks. What the shop knows already is not asked; what the shopper said, not again. */
export function formFieldsOf(session: Session, asksPostalCode: boolean): FormFields {
  const { document } = session
  const full = document.billingAddressCollection === 'required'
  return {
    kept: Object.keys(session.tries > 0 ? keptValues(document.collected ?? {}) : {}) as FieldName[],
    email: document.customerEmail === undefined && !(session.tries === 0 && document.collected?.email),
    phone: document.phoneNumberCollection === true,
    billing: full ? 'full' : asksPostalCode ? 'postcode' : 'none',
    ...(document.shippingCountries ? { shippingCountries: document.shippingCountries } : {}),
    custom: (document.customFields ?? []).map(({ key, label, type, optional, options, ...limits }) => ({
      key,
      label,
      optional,
      ...(limits.defaultValue === undefined ? {} : { defaultValue: limits.defaultValue }),
      ...(type === 'dropdown'
        ? { type, options: options ?? [] }
        : {
            type,
            ...(limits.minimumLength === undefined ? {} : { minimumLength: limits.minimumLength }),
            ...(limits.maximumLength === undefined ? {} : { maximumLength: limits.maximumLength }),
          }),
    })),
  }
}

/** Only then one can stand for the other. */
export function asksBothAddresses(fields: FormFields): boolean {
  return fields.shippingCountries !== undefined && fields.billing === 'full'
}

/** Whether an earlier try gave one address for both; ticked over another one, the box would replace it unseen. */
export function keptSameAddress({ document: { collected } }: Session): boolean {
  const { billing, shipping } = collected ?? {}
  return !billing || ADDRESS_PARTS.every((part) => billing[part] === shipping?.address[part])
}

/** What an earlier try gave, as the form's values. */
function keptValues({ email, name, phone, billing, shipping, customFields }: Collected): FieldValues {
  const own = Object.entries(customFields ?? {}).map(([key, value]) => [`customFields[${key}]`, value])
  const all = {
    email,
    billingName: name,
    phoneNumber: phone,
    shippingName: shipping?.name,
    ...valuesOf('billing', billing),
    ...valuesOf('shipping', shipping?.address),
    ...(Object.fromEntries(own) as FieldValues),
  }
  return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined))
}

/** What the form brought, as the session keeps it. */
export function collectedFrom(session: Session, fields: FormFields, typed: FieldValues): Collected {
  const answered = Object.fromEntries(Object.entries(typed).filter(([, value]) => value !== ''))
  const values: FieldValues = { ...keptValues(session.document.collected ?? {}), ...answered }
  const source = typed[SAME_ADDRESS] !== undefined && asksBothAddresses(fields) ? 'shipping' : 'billing'
  const billing = fields.billing === 'none' ? undefined : addressFrom(source, values)
  const custom = fields.custom.map(({ key }) => [key, values[`customFields[${key}]`] ?? ''] as const)
  const email = values.email ?? session.document.customerEmail
  return {
    ...(email ? { email } : {}),
    ...(values.billingName ? { name: values.billingName } : {}),
    ...(values.phoneNumber ? { phone: values.phoneNumber } : {}),
    ...(billing ? { billing } : {}),
    ...(fields.shippingCountries
      ? { shipping: { name: values.shippingName ?? '', address: addressFrom('shipping', values) } }
      : {}),
    ...(custom.length > 0 ? { customFields: Object.fromEntries(custom) } : {}),
  }
}

const ADDRESS_FIELDS = {
  line1: 'AddressLine1',
  line2: 'AddressLine2',
  city: 'Locality',
  state: 'AdministrativeArea',
  postalCode: 'PostalCode',
  country: 'Country',
} as const satisfies Record<keyof Address, string>
const ADDRESS_PARTS = Object.keys(ADDRESS_FIELDS) as readonly (keyof Address)[]

function addressFrom(kind: 'billing' | 'shipping', values: FieldValues): Address {
  const parts = ADDRESS_PARTS.map((part) => [part, values[`${kind}${ADDRESS_FIELDS[part]}`]] as const)
  return Object.fromEntries(parts.filter(([, value]) => value))
}

function valuesOf(kind: 'billing' | 'shipping', address: Address = {}): FieldValues {
  return Object.fromEntries(ADDRESS_PARTS.map((part) => [`${kind}${ADDRESS_FIELDS[part]}`, address[part]]))
}
