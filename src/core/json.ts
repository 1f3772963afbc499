import {
  complaintAboutKey,
  complaintAboutText,
  fault,
  LIMITS,
  newObject,
  type Parameter,
  type ParameterFault,
  type ParameterFaultCode,
  type ParameterObject,
  type ParsedParameters,
  type TextComplaint,
} from './parameters.ts'

export type JsonOptions = {
  /** Lets `12.00` and `1.0` through as the numbers 12 and 1: for doors whose amounts are decimals. */
  readonly wholeFractions?: boolean
}

/**
 * Strict JSON (RFC 8259) from a stranger's bytes, in one pass. `JSON.parse` keeps the last of two equal keys, reads
 * 9007199254740993 as another number and `1e2` as an integer; here each is a fault that names its parameter. A byte order
 * mark is refused as well (RFC 8259 §8.1 forbids senders to add one).
 */
export function parseJson(bytes: Uint8Array, options: JsonOptions = {}): ParsedParameters<Parameter> {
  let text: string
  try {
    text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch {
    return fault([], 'invalid_encoding', 'the body is not UTF-8')
  }
  if (text.startsWith('\ufeff')) return fault([], 'byte_order_mark', 'the body begins with a byte order mark')
  try {
    return { ok: true, value: new Reader(text, options.wholeFractions === true).document() }
  } catch (error) {
    if (error instanceof Refusal) return { ok: false, fault: error.fault }
    throw error
  }
}

/** Leaves the recursion; never leaves this file. */
class Refusal extends Error {
  readonly fault: ParameterFault
  constructor(reason: ParameterFault) {
    super(reason.message)
    this.fault = reason
  }
}

const SPACE = /[ \t\n\r]*/y
/** What a string may hold unescaped. The lower bound leaves the control characters out (RFC 8259 §7). */
const PLAIN = /[ !#-[\]-\uffff]*/y
const NUMBER = /-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?/y
const WORD = /true|false|null/y
const ESCAPES: Readonly<Record<string, string>> = {
  '"': '"',
  '\\': '\\',
  '/': '/',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
}

/** A position in a text, and the keys that lead to it. The depth limit is what makes the recursion safe. */
class Reader {
  readonly #text: string
  readonly #wholeFractions: boolean
  readonly #keys: (string | number)[] = []
  #at = 0

  constructor(text: string, wholeFractions: boolean) {
    this.#text = text
    this.#wholeFractions = wholeFractions
  }

  document(): Parameter {
    const value = this.#value()
    this.#take(SPACE)
    return this.#at === this.#text.length ? value : this.#refuse('invalid_syntax', this.#where())
  }

  #value(): Parameter {
    this.#take(SPACE)
    const next = this.#text[this.#at]
    if (next === '{') return this.#object()
    if (next === '[') return this.#array()
    if (next === '"') return this.#checked(this.#string(), complaintAboutText)
    const word = this.#take(WORD)
    if (word) return word === 'null' ? null : word === 'true'
    return this.#number()
  }

  #object(): ParameterObject {
    const object = newObject()
    let count = 0
    this.#open()
    while (!this.#close('}', count)) {
      if (++count > LIMITS.keys) this.#refuse('too_many_keys', `has more than ${LIMITS.keys} keys`)
      this.#take(SPACE)
      if (this.#text[this.#at] !== '"') this.#refuse('invalid_syntax', this.#where())
      const key = this.#string()
      this.#keys.push(key)
      this.#checked(key, complaintAboutKey)
      if (key in object) this.#refuse('duplicate_key', 'appears twice')
      this.#expect(':')
      object[key] = this.#value()
      this.#keys.pop()
    }
    return object
  }

  #array(): Parameter[] {
    const items: Parameter[] = []
    this.#open()
    while (!this.#close(']', items.length)) {
      if (items.length === LIMITS.items) this.#refuse('too_many_items', `has more than ${LIMITS.items} items`)
      this.#keys.push(items.length)
      items.push(this.#value())
      this.#keys.pop()
    }
    return items
  }

  #open(): void {
    this.#at++
    if (this.#keys.length >= LIMITS.depth) this.#refuse('too_deep', `is nested deeper than ${LIMITS.depth} levels`)
  }

  /** True behind the closing bracket; otherwise another member follows, after a comma unless it is the first. */
  #close(bracket: string, count: number): boolean {
    this.#take(SPACE)
    if (this.#text[this.#at] === bracket) {
      this.#at++
      return true
    }
    if (count > 0) this.#expect(',')
    return false
  }

  #string(): string {
    let value = ''
    for (this.#at++; ; ) {
      value += this.#take(PLAIN)
      const end = this.#text[this.#at++]
      if (end === '"') return value
      if (end !== '\\') this.#refuse('invalid_syntax', 'a string is not closed or holds a control character')
      value += this.#escape()
    }
  }

  #escape(): string {
    const letter = this.#text[this.#at++] ?? ''
    if (letter !== 'u') return ESCAPES[letter] ?? this.#refuse('invalid_syntax', 'a string holds an unknown escape')
    const hex = this.#text.slice(this.#at, this.#at + 4)
    if (!/^[0-9a-fA-F]{4}$/.test(hex)) this.#refuse('invalid_syntax', 'a string holds an unknown escape')
    this.#at += 4
    return String.fromCharCode(Number.parseInt(hex, 16))
  }

  /** Integers that a double holds, and decimals of up to 15 digits, which it gives back as they were written. */
  #number(): number {
    const literal = this.#take(NUMBER)
    if (literal === '') this.#refuse('invalid_syntax', this.#where())
    const value = Number(literal)
    const integer = /^-?[0-9]+$/.test(literal)
    const decimal = /^-?[0-9]+\.[0-9]+$/.test(literal) && literal.length <= 16
    const exact = integer ? Number.isSafeInteger(value) : decimal && (this.#wholeFractions || !Number.isInteger(value))
    if (exact && !Object.is(value, -0)) return value
    return this.#refuse('invalid_integer', 'must be written as a plain number, and not larger than 2^53')
  }

  #expect(character: string): void {
    this.#take(SPACE)
    if (this.#text[this.#at] !== character) this.#refuse('invalid_syntax', this.#where())
    this.#at++
  }

  #take(pattern: RegExp): string {
    pattern.lastIndex = this.#at
    const taken = pattern.exec(this.#text)?.[0] ?? ''
    this.#at += taken.length
    return taken
  }

  #checked(text: string, complaintAbout: (text: string) => TextComplaint | undefined): string {
    const complaint = complaintAbout(text)
    return complaint ? this.#refuse(...complaint) : text
  }

  #where(): string {
    return this.#at < this.#text.length ? `is not JSON at character ${this.#at + 1}` : 'ends too early'
  }

  #refuse(code: ParameterFaultCode, message: string): never {
    throw new Refusal(fault(this.#keys, code, message).fault)
  }
}
