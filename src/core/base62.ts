const DIGITS = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'
const VALUES = new Map([...DIGITS].map((digit, value) => [digit, BigInt(value)]))

/** Big-endian bytes as base62, padded to `length`: equal lengths sort as their bytes do. */
export function base62Encode(bytes: Uint8Array, length: number): string {
  let rest = bytes.length === 0 ? 0n : BigInt(`0x${Buffer.from(bytes).toString('hex')}`)
  let text = ''
  for (; rest > 0n; rest /= 62n) text = DIGITS[Number(rest % 62n)] + text
  return text.padStart(length, '0')
}

/** Undefined when a character is not a digit or the value does not fit in `size` bytes. */
export function base62Decode(text: string, size: number): Uint8Array<ArrayBuffer> | undefined {
  let value = 0n
  for (const digit of text) {
    const digitValue = VALUES.get(digit)
    if (digitValue === undefined) return undefined
    value = value * 62n + digitValue
  }
  if (value >> BigInt(size * 8) !== 0n) return undefined
  return Uint8Array.from(Buffer.from(value.toString(16).padStart(size * 2, '0'), 'hex'))
}
