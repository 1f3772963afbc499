/** A card number as text: up to 19 digits (ISO/IEC 7812-1), more than a number holds. Prints and serializes masked. */
export class Pan {
  readonly #digits: string
  constructor(digits: string) {
    if (!/^\d{12,19}$/.test(digits)) throw new RangeError('a card number has 12 to 19 digits')
    this.#digits = digits
  }
  /** Inside the vault only: it seals the number, and fills the outgoing request. */
  reveal(): string {
    return this.#digits
  }
  get last4(): string {
    return this.#digits.slice(-4)
  }
  toString(): string {
    return `Pan(…${this.last4})`
  }
  toJSON(): string {
    return this.toString()
  }
  [Symbol.for('nodejs.util.inspect.custom')](): string {
    return this.toString()
  }
}
