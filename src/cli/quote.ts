import { keyHint } from '../core/api-key.ts'
import { maskPans } from '../core/pan-in-text.ts'

/** What somebody typed, fit to be printed: short, without control characters, and never a whole key or a card number. */
export function quote(text: string): string {
  const masked = /^(sk|pk)_/.test(text) ? keyHint(text) : maskPans(text.toWellFormed())
  const plain = masked.replace(/[\p{Cc}\p{Cf}\u2028\u2029]/gu, '�')
  return `"${plain.length > 60 ? `${plain.slice(0, 60).toWellFormed()}…` : plain}"`
}
