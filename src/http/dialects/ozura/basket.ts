import type { Currency } from '../../../core/currencies.ts'
import { parseDecimal } from '../../../core/money.ts'
import type { NewLineItem } from '../../../flows/session-input.ts'
import { Refused } from '../../errors.ts'
import type { CreateSessionBody, ItemBody } from './parameters.ts'

/** The lines of a session: its items, or its amount as one line, and the surcharge on them. @throws Refused */
export function parseBasket(body: CreateSessionBody, currency: Currency): readonly NewLineItem[] {
  const goods = parseGoods(body, currency)
  return [...goods, ...parseSurcharge(body.surchargePercent, goods, currency)]
}

/** Where there are items they replace the amount. */
function parseGoods(body: CreateSessionBody, currency: Currency): readonly NewLineItem[] {
  const { items, amount, merchantName } = body
  if (items !== undefined) {
    if (items.length === 0) throw new Refused({ code: 'parameter_missing', param: 'items' })
    return items.map((item, index) => parseItem(item, `items[${index}]`, currency))
  }
  if (amount === undefined) throw new Refused({ code: 'parameter_missing', param: 'amount' })
  const unitAmount = parseAmount(amount, 'amount', currency)
  // The page has to call it something, in whatever language it is shown.
  return [{ quantity: 1, priceData: { currency, unitAmount, productData: { name: merchantName } } }]
}

function parseItem(item: ItemBody, at: string, currency: Currency): NewLineItem {
  const { name, productId, imageUrl } = item
  const [price, field] = item.unitPrice === undefined ? [item.price, 'price'] : [item.unitPrice, 'unitPrice']
  if (price === undefined) throw new Refused({ code: 'parameter_missing', param: `${at}[unitPrice]` })
  const productData = { name, ...(imageUrl === undefined ? {} : { images: [imageUrl] }) }
  return {
    quantity: item.qty ?? item.quantity ?? 1,
    priceData: { currency, unitAmount: parseAmount(price, `${at}[${field}]`, currency), productData },
    ...(productId === undefined ? {} : { metadata: { productId } }),
  }
}

function parseAmount(text: string, param: string, currency: Currency): bigint {
  const money = parseDecimal(text, currency)
  if (money) return money.minor
  throw new Refused({ code: 'parameter_invalid_number', param, detail: `${text} is no amount in ${currency}` })
}

/** The highest that card networks let a shop add in the United States, and Ozura anywhere. */
const MOST_PERCENT = '3.00'
/** A percent as an integer: four decimals of it are as many as the parameter can have. */
const STEPS = 10_000n

const stepsOf = (percent: string): bigint => {
  const [whole = '0', fraction = ''] = percent.split('.')
  return BigInt(whole + fraction.padEnd(4, '0'))
}

/**
 * A percentage of all goods together, rounded once, half a smallest unit up: 2.5 % of 25.01 is 0.63. It is on every card,
 * for nobody knows at this moment with which one the shopper will pay. Nothing of nothing is no line.
 */
function parseSurcharge(
  percent: string | undefined,
  goods: readonly NewLineItem[],
  currency: Currency,
): readonly NewLineItem[] {
  if (percent === undefined) return []
  const steps = stepsOf(percent)
  if (steps > stepsOf(MOST_PERCENT)) {
    const detail = `it must be at most ${MOST_PERCENT}`
    throw new Refused({ code: 'parameter_invalid_range', param: 'surchargePercent', detail })
  }
  const unitAmount = surchargeOn(totalOf(goods), steps)
  if (unitAmount === 0n) return []
  return [
    {
      quantity: 1,
      kind: 'surcharge',
      priceData: { currency, unitAmount, productData: { name: `Surcharge (${percent}%)` } },
    },
  ]
}

function surchargeOn(total: bigint, steps: bigint): bigint {
  const hundred = 100n * STEPS
  return (total * steps + hundred / 2n) / hundred
}

function totalOf(goods: readonly NewLineItem[]): bigint {
  return goods.reduce(
    (sum, line) => sum + ('priceData' in line ? line.priceData.unitAmount * BigInt(line.quantity) : 0n),
    0n,
  )
}
