import { nearestName } from './nearest.ts'
import { judgeReturnUrl } from './return-urls.ts'
import { DIALECTS, MOST_NOTIFY } from './session.ts'
import {
  appScheme,
  email,
  encryptionKey,
  locale,
  oneOf,
  origin,
  type ParseSetting,
  pageUrl,
  paymentEndpoint,
  plainText,
  returnUrl,
  statementDescriptor,
} from './setting-values.ts'
import type { AccountSettings } from './settings.ts'

type SettingRule = {
  /** Its name outside: in the API, on the command line, in the documentation. */
  readonly name: string
  /** What it is for, as the documentation prints it. */
  readonly meaning: string
  readonly sample: string
  readonly parse: ParseSetting
  /** The setting is a list of such values, at most so many, each kept once. */
  readonly most?: number
  /** It is stored sealed, and shown to nobody. */
  readonly secret?: true
}

/** Every setting of an account. A later one is a field of `AccountSettings` and a row here. */
export const SETTING_RULES = {
  displayName: {
    name: 'display_name',
    meaning: "the name on the page; where unset, the account's name",
    sample: 'Book shop',
    parse: plainText(100),
  },
  statementDescriptor: {
    name: 'statement_descriptor',
    meaning: "what the shopper's card statement shows: 5 to 22 characters, at least one letter",
    sample: 'BOOK SHOP BERLIN',
    parse: statementDescriptor,
  },
  supportEmail: {
    name: 'support_email',
    meaning: 'where shoppers write for help',
    sample: 'help@shop.example',
    parse: email,
  },
  supportUrl: {
    name: 'support_url',
    meaning: 'the page where shoppers find help',
    sample: 'https://shop.example/help',
    parse: pageUrl,
  },
  termsUrl: {
    name: 'terms_url',
    meaning: 'the terms of sale, linked from the page',
    sample: 'https://shop.example/terms',
    parse: pageUrl,
  },
  privacyUrl: {
    name: 'privacy_url',
    meaning: 'the privacy notice, linked from the page',
    sample: 'https://shop.example/privacy',
    parse: pageUrl,
  },
  returnUrlOrigins: {
    name: 'return_url_origins',
    meaning: 'the origins that return URLs may have, at most 20; where unset, any https origin',
    sample: 'https://shop.example,https://www.shop.example',
    parse: origin,
    most: 20,
  },
  pageOrigins: {
    name: 'page_origins',
    meaning: "the origins of your own payment pages, whose scripts may use a session's token (HSRC Pay), at most 20",
    sample: 'https://pay.shop.example',
    parse: origin,
    most: 20,
  },
  returnUrlSchemes: {
    name: 'return_url_schemes',
    meaning: "an app's own URL schemes that return URLs may have, at most 10",
    sample: 'bookshop',
    parse: appScheme,
    most: 10,
  },
  defaultSuccessUrl: {
    name: 'default_success_url',
    meaning: 'where shoppers go after paying when the session names no place',
    sample: 'https://shop.example/thanks?id={CHECKOUT_SESSION_ID}',
    parse: returnUrl,
  },
  defaultCancelUrl: {
    name: 'default_cancel_url',
    meaning: 'where shoppers go after canceling when the session names no place',
    sample: 'https://shop.example/cart',
    parse: returnUrl,
  },
  defaultLocale: {
    name: 'default_locale',
    meaning: "the page's language when neither session nor browser asks for one",
    sample: 'en-GB',
    parse: locale,
  },
  doors: {
    name: 'doors',
    meaning: `the APIs of other systems that this account's keys open, of ${DIALECTS.join(', ')}; where unset, all`,
    sample: 'bpc,hsrc',
    parse: oneOf(DIALECTS),
    most: DIALECTS.length,
  },
  secpaidCallbackUrls: {
    name: 'secpaid_callback_urls',
    meaning:
      'where shoppers of SecPaid links go, at most 10; links name them by number from 0, the first is the default',
    sample: 'https://shop.example/done',
    parse: returnUrl,
    most: MOST_NOTIFY,
  },
  secpaidPaymentEndpoints: {
    name: 'secpaid_payment_endpoints',
    meaning: 'where SecPaid links tell of payments, at most 10; links name them by number from 0, all are the default',
    sample: 'https://shop.example/secpaid',
    parse: paymentEndpoint,
    most: MOST_NOTIFY,
  },
  secpaidNoticeFormat: {
    name: 'secpaid_notice_format',
    meaning: 'how SecPaid links tell of payments, json or urlencoded (as its shop plugins read it); where unset, json',
    sample: 'urlencoded',
    parse: oneOf(['json', 'urlencoded']),
  },
  secpaidCancelNotice: {
    name: 'secpaid_cancel_notice',
    meaning: 'whether SecPaid links tell of a cancel too, yes or no; where unset, yes',
    sample: 'no',
    parse: oneOf(['yes', 'no']),
  },
  secpaidEncryption: {
    name: 'secpaid_encryption',
    meaning: 'whether what SecPaid links tell is encrypted, yes or no; where unset, no',
    sample: 'yes',
    parse: oneOf(['yes', 'no']),
  },
  secpaidEncryptionKey: {
    name: 'secpaid_encryption_key',
    meaning: 'the key for that, 32 characters; stored sealed and never shown again',
    sample: 'Wm3xT9pLr7QeYv2Kc8Nd5Ua1Zj6Hf4Sb',
    parse: encryptionKey,
    secret: true,
  },
  secpaidRefundApproval: {
    name: 'secpaid_refund_approval',
    meaning: 'whether a refund asked for through SecPaid leaves at_once or waits for an operator; where unset, at_once',
    sample: 'operator',
    parse: oneOf(['at_once', 'operator']),
  },
} as const satisfies { readonly [K in keyof AccountSettings]-?: SettingRule }

type Field = keyof typeof SETTING_RULES
const RULES = Object.entries(SETTING_RULES) as readonly (readonly [Field, SettingRule])[]
const BY_NAME = new Map(RULES.map(([field, rule]) => [rule.name, { field, rule }]))
export const SETTING_NAMES: readonly string[] = [...BY_NAME.keys()]
/** The settings that hold several values. */
export const LIST_SETTINGS: readonly string[] = RULES.flatMap(([, rule]) => (rule.most === undefined ? [] : rule.name))
const SECRET_FIELDS: readonly Field[] = RULES.flatMap(([field, rule]) => (rule.secret ? field : []))
/** What is shown of a secret that is set. */
const HIDDEN = '********'

/** What to change: a value sets, null unsets, what is absent stays. */
export type SettingsChanges = {
  readonly [K in keyof AccountSettings]?: NonNullable<AccountSettings[K]> | null
}
/** `message` is the end of a sentence that begins with the field's name. `field` is empty when the whole is wrong. */
export type SettingsFault = { readonly field: string; readonly message: string }
export type ParsedSettings =
  | { readonly ok: true; readonly changes: SettingsChanges }
  | { readonly ok: false; readonly faults: readonly SettingsFault[] }

/**
 * Reads changes by their outside names, and tells every fault at once. Null, an empty text and an empty list unset.
 * The one judge of a setting's form, for the API and the command line alike.
 */
export function parseSettings(input: unknown): ParsedSettings {
  if (typeof input !== 'object' || input === null || Array.isArray(input)) {
    return { ok: false, faults: [{ field: '', message: 'must have named members' }] }
  }
  const faults: SettingsFault[] = []
  const changes: Record<string, string | readonly string[] | null> = {}
  for (const [name, value] of Object.entries(input)) {
    const known = BY_NAME.get(name)
    if (!known) {
      faults.push(unknownSetting(name))
      continue
    }
    const found: SettingsFault[] = []
    changes[known.field] = readValue(known.rule, value, found)
    faults.push(...found)
  }
  // The table's keys are the type's, and its parsers yield what the type holds.
  return faults.length > 0 ? { ok: false, faults } : { ok: true, changes: changes as SettingsChanges }
}

export function unknownSetting(name: string): SettingsFault {
  const meant = nearestName(name, SETTING_NAMES)
  return { field: name, message: `is no setting of an account${meant === undefined ? '' : `; did you mean ${meant}?`}` }
}

export type AppliedSettings =
  | { readonly ok: true; readonly settings: AccountSettings }
  | { readonly ok: false; readonly faults: readonly SettingsFault[] }

/**
 * One mode's settings after the changes, unless they would contradict each other: a default URL obeys the rules that
 * every session's URL in that mode obeys.
 */
export function applySettings(current: AccountSettings, changes: SettingsChanges, live: boolean): AppliedSettings {
  const kept = Object.entries({ ...current, ...changes }).filter(([, value]) => value !== null && value !== undefined)
  const settings = Object.fromEntries(kept) as AccountSettings
  const rules = {
    live,
    schemes: settings.returnUrlSchemes ?? [],
    origins: settings.returnUrlOrigins ?? [],
  }
  const faults: SettingsFault[] = (['defaultSuccessUrl', 'defaultCancelUrl', 'secpaidCallbackUrls'] as const).flatMap(
    (field) =>
      [settings[field] ?? []].flat().flatMap((url) => {
        const verdict = judgeReturnUrl(url, rules)
        return verdict.ok ? [] : [{ field: SETTING_RULES[field].name, message: verdict.message }]
      }),
  )
  if (settings.secpaidEncryption === 'yes' && settings.secpaidEncryptionKey === undefined) {
    faults.push({ field: 'secpaid_encryption', message: 'needs a secpaid_encryption_key' })
  }
  return faults.length > 0 ? { ok: false, faults } : { ok: true, settings }
}

export const holdsSecret = (changes: SettingsChanges): boolean =>
  SECRET_FIELDS.some((field) => typeof changes[field] === 'string')

/** The changes with every secret among them sealed, in base64: as they rest. */
export function sealSettings(changes: SettingsChanges, seal: (secret: string) => Uint8Array): SettingsChanges {
  const sealed = SECRET_FIELDS.flatMap((field) => {
    const value = changes[field]
    return typeof value === 'string' ? [[field, Buffer.from(seal(value)).toString('base64')]] : []
  })
  return { ...changes, ...Object.fromEntries(sealed) }
}

/** Every setting by its outside name; null where unset, and a secret is never shown. */
export function renderSettings(settings: AccountSettings): Readonly<Record<string, string | readonly string[] | null>> {
  const shown = ([field, rule]: (typeof RULES)[number]) => {
    const value = settings[field] ?? null
    return [rule.name, value !== null && rule.secret ? HIDDEN : value]
  }
  return Object.fromEntries(RULES.map(shown))
}

function readValue(rule: SettingRule, value: unknown, faults: SettingsFault[]): string | readonly string[] | null {
  if (value === null || value === '') return null
  if (rule.most === undefined) return readText(rule, rule.name, value, faults)
  if (!Array.isArray(value)) return fail(faults, rule.name, 'must be a list')
  if (value.length > rule.most) return fail(faults, rule.name, `must have at most ${rule.most} values`)
  const values = value.map((item, index) => readText(rule, `${rule.name}[${index}]`, item, faults))
  return values.length === 0 ? null : [...new Set(values.flatMap((item) => item ?? []))]
}

function readText(rule: SettingRule, field: string, value: unknown, faults: SettingsFault[]): string | null {
  if (typeof value !== 'string') return fail(faults, field, 'must be a text')
  const read = rule.parse(value)
  return read.ok ? read.value : fail(faults, field, read.message)
}

function fail(faults: SettingsFault[], field: string, message: string): null {
  faults.push({ field, message })
  return null
}
