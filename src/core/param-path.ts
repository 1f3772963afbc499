import { maskPans } from './pan-in-text.ts'

/**
 * Names a parameter as Stripe's errors do: `line_items[0][price_data][unit_amount]`. The keys are a stranger's text that
 * goes into answers and logs, so the name is short and holds no card number.
 */
export function paramPath(keys: readonly (string | number)[]): string {
  const path = keys.map((key, depth) => (depth === 0 ? `${key}` : `[${key}]`)).join('')
  return maskPans(path).slice(0, 200).toWellFormed()
}

/** A key that reaches for an object's prototype in any code that later copies it into an ordinary object. */
export function isForbiddenKey(key: string): boolean {
  return key === '__proto__' || key === 'constructor' || key === 'prototype'
}
