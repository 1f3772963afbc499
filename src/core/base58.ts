const DIGITS = '123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz'
const VALUES = new Map([...DIGITS].map((digit, value) => [digit, BigInt(value)]))

/** Bytes as base58 in Bitcoin's alphabet, without a checksum: every zero byte at the beginning is a `1`. */
export function base58Encode(bytes: Uint8Array): string {
  const zeros = countLeading(bytes, 0)
  let rest = bytes.length === 0 ? 0n : BigInt(`0x${Buffer.from(bytes).toString('hex')}`)
  let text = ''
  for (; rest > 0n; rest /= 58n) text = DIGITS[Number(rest % 58n)] + text
  return '1'.repeat(zeros) + text
}

/**
 * The bytes of a text; each text that decodes is the one spelling of its bytes.
 * @param maxLength of the text: the work grows with its square
 * @returns undefined when a character is not a digit, or the text is longer
 */
export function base58Decode(text: string, maxLength: number): Uint8Array<ArrayBuffer> | undefined {
  if (text.length > maxLength) return undefined
  let value = 0n
  for (const digit of text) {
    const digitValue = VALUES.get(digit)
    if (digitValue === undefined) return undefined
    value = value * 58n + digitValue
  }
  const hex = value === 0n ? '' : value.toString(16)
  const rest = Buffer.from(hex.length % 2 === 0 ? hex : `0${hex}`, 'hex')
  return Uint8Array.from([...new Uint8Array(countLeading([...text], '1')), ...rest])
}

function countLeading<T>(list: ArrayLike<T>, value: T): number {
  let count = 0
  while (count < list.length && list[count] === value) count += 1
  return count
}
