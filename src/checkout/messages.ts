import en from './locales/en.json' with { type: 'json' }

/** Every sentence a shopper can read has a key in the catalog; a key that is not there does not compile. */
export type MessageKey = keyof typeof en
export type Catalog = Readonly<Record<MessageKey, string>>
export type MessageValues = Readonly<Record<string, string | number>>
/** A counted message exists once per plural form of English: `x_one` and `x_other`. */
export type CountedKey = MessageKey extends infer Key ? (Key extends `${infer Stem}_other` ? Stem : never) : never

export type Messages = {
  readonly locale: string
  (key: MessageKey, values?: MessageValues): string
}

const CATALOGS: ReadonlyMap<string, Catalog> = new Map([['en', en]])

/** The catalog's words for a locale, and the locale they are really in: English where we do not speak the other yet. */
export function messagesFor(wanted: string): Messages {
  const locale = spokenLocale(wanted)
  const catalog = CATALOGS.get(locale) ?? CATALOGS.get(languageOf(locale)) ?? en
  const lookUp = (key: MessageKey, values: MessageValues = {}): string => fillIn(catalog[key], values)
  return Object.assign(lookUp, { locale })
}

/** Words, numbers and dates of one page follow one locale, so `auto`, an unknown language and nonsense all become English. */
function spokenLocale(wanted: string): string {
  try {
    const [locale = 'en'] = Intl.getCanonicalLocales(wanted)
    return CATALOGS.has(languageOf(locale)) ? locale : 'en'
  } catch {
    return 'en'
  }
}

function languageOf(locale: string): string {
  return locale.split('-')[0] ?? 'en'
}

export function counted(t: Messages, stem: CountedKey, count: number, values: MessageValues = {}): string {
  const form = new Intl.PluralRules(t.locale).select(count) === 'one' ? 'one' : 'other'
  return t(`${stem}_${form}`, { ...values, count })
}

/** A placeholder without a value stays visible: a wrong sentence is found sooner than a silently shorter one. */
export function fillIn(text: string, values: MessageValues): string {
  return text.replace(/\{(\w+)\}/g, (whole, name: string) => String(values[name] ?? whole))
}
