import { parseCurrency } from '../../../core/currencies.ts'
import type { NewLineItem, NewSessionInput } from '../../../flows/session-input.ts'
import { Refused } from '../../errors.ts'
import { fromWire } from './amounts.ts'
import type { CreateSessionBody } from './parameters.ts'

/** From this door's words to ours. */
export function parseNewSession(body: CreateSessionBody, now: Date): NewSessionInput {
  if (body.line_items.length === 0) throw new Refused({ code: 'parameter_missing', param: 'line_items' })
  const life = body.expires_in_seconds
  return {
    lineItems: body.line_items.map((line, index) => parseLine(line, `line_items[${index}]`)),
    successUrl: body.success_url,
    cancelUrl: body.cancel_url,
    metadata: given(body.metadata),
    ...(life === undefined ? {} : { expiresAt: new Date(now.getTime() + life * 1000) }),
  }
}

function parseLine(line: CreateSessionBody['line_items'][number], at: string): NewLineItem {
  const { product_data: product, unit_amount: amount } = line.price_data
  const currency = parseCurrency(line.price_data.currency)
  if (!currency) throw new Refused({ code: 'invalid_currency', param: `${at}[price_data][currency]` })
  const unitAmount = fromWire(amount, currency)
  if (unitAmount === undefined) {
    const detail = `${amount} (${currency} has no fractions)`
    throw new Refused({ code: 'parameter_invalid_integer', param: `${at}[price_data][unit_amount]`, detail })
  }
  const { name, description } = product
  return {
    quantity: line.quantity ?? 1,
    priceData: { currency, unitAmount, productData: { name, ...(description === undefined ? {} : { description }) } },
  }
}

/** Keys without a value are none. */
function given(metadata: CreateSessionBody['metadata']): Readonly<Record<string, string>> {
  const entries = Object.entries(metadata ?? {})
  return Object.fromEntries(entries.flatMap(([key, value]) => (value === null ? [] : [[key, value]])))
}
