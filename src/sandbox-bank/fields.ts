import { Refusal } from './answer.ts'

/** The only place where unknown becomes typed: one object and the names it may hold. */
export class Fields {
  readonly #values: Readonly<Record<string, unknown>>
  readonly #path: string

  constructor(value: unknown, path: string, known: readonly string[]) {
    if (typeof value !== 'object' || value === null || Array.isArray(value))
      throw new Refusal(
        'invalid_request',
        `${path.slice(0, -1) || 'The body'} must be an object.`,
        path.slice(0, -1) || undefined,
      )
    for (const name of Object.keys(value)) {
      if (!known.includes(name)) throw new Refusal('invalid_request', 'Unknown field.', nameable(path + name))
    }
    this.#values = value as Record<string, unknown>
    this.#path = path
  }

  raw(name: string): unknown {
    return Object.hasOwn(this.#values, name) ? this.#values[name] : undefined
  }

  /** Null and the empty string count as missing: a template that fills in a card may have nothing to fill in. */
  absent(name: string): boolean {
    const value = this.raw(name)
    return value === undefined || value === null || value === ''
  }

  text(name: string, pattern: RegExp, rule: string): string {
    const value = this.raw(name)
    if (typeof value === 'string' && pattern.test(value)) return value
    return this.refuse(name, rule)
  }

  optionalText(name: string, pattern: RegExp, rule: string): string | undefined {
    return this.absent(name) ? undefined : this.text(name, pattern, rule)
  }

  integer(name: string, least: number, most: number): number {
    const value = this.raw(name)
    if (typeof value === 'number' && Number.isSafeInteger(value) && value >= least && value <= most) return value
    return this.refuse(name, `must be an integer from ${least} to ${most}`)
  }

  /** An integer, or its decimal digits as text: a template fills in text. */
  digits(name: string, least: number, most: number): number {
    const value = this.raw(name)
    const read = typeof value === 'string' && /^[0-9]{1,16}$/.test(value) ? Number(value) : value
    if (typeof read === 'number' && Number.isSafeInteger(read) && read >= least && read <= most) return read
    return this.refuse(name, `must be an integer from ${least} to ${most}`)
  }

  optionalInteger(name: string, least: number, most: number): number | undefined {
    return this.absent(name) ? undefined : this.integer(name, least, most)
  }

  optionalDigits(name: string, least: number, most: number): number | undefined {
    return this.absent(name) ? undefined : this.digits(name, least, most)
  }

  boolean(name: string): boolean {
    const value = this.raw(name)
    return typeof value === 'boolean' ? value : this.refuse(name, 'must be true or false')
  }

  optionalBoolean(name: string): boolean | undefined {
    return this.absent(name) ? undefined : this.boolean(name)
  }

  /** A number from 0 to 1. */
  share(name: string): number | undefined {
    if (this.absent(name)) return undefined
    const value = this.raw(name)
    if (typeof value === 'number' && value >= 0 && value <= 1) return value
    return this.refuse(name, 'must be a number from 0 to 1')
  }

  oneOf<Word extends string>(name: string, words: readonly Word[]): Word {
    const found = words.find((word) => word === this.raw(name))
    return found ?? this.refuse(name, `must be one of ${words.join(', ')}`)
  }

  optionalOneOf<Word extends string>(name: string, words: readonly Word[]): Word | undefined {
    return this.absent(name) ? undefined : this.oneOf(name, words)
  }

  /** An http or https address without credentials. */
  address(name: string): string {
    const value = this.raw(name)
    const url = typeof value === 'string' && value.length <= 1024 ? URL.parse(value) : null
    if (url && /^https?:$/.test(url.protocol) && url.username === '' && url.password === '') return url.href
    return this.refuse(name, 'must be an absolute http or https URL of at most 1024 characters')
  }

  /** @throws Refusal, always */
  refuse(name: string, rule: string): never {
    throw new Refusal('invalid_request', `${this.#path}${name} ${rule}.`, this.#path + name)
  }
}

/** An unknown name comes from outside and may itself be a card number: only plain words are repeated. */
export function nameable(name: string): string | undefined {
  return /^[A-Za-z_.]{1,64}$/.test(name) ? name : undefined
}
