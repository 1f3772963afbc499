import { BOOKS, type Book, findBook } from './books.ts'
import { type Currency, isCurrency } from './money.ts'

export const MAX_COPIES = 9

/** How many copies of which book, in the order in which they were put in. */
export type Bag = ReadonlyMap<string, number>

/**
 * What a page knows of its shopper, and all of it stands in the URL: no cookie, no script, nothing to sign, for a title
 * and a count are the shopper's to change, and the prices are not in it.
 */
export type Shopper = { readonly bag: Bag; readonly currency: Currency }

export type Line = { readonly book: Book; readonly copies: number; readonly amount: number }

/** Reads `the-salt-atlas.2~soup-for-the-weather.1`. What is not a book of ours is not in the bag. */
export function parseBag(text: string | null): Bag {
  const bag = new Map<string, number>()
  for (const entry of (text ?? '').split('~').slice(0, BOOKS.length)) {
    const [, slug = '', copies = ''] = /^([a-z-]{1,60})\.([1-9])$/.exec(entry) ?? []
    if (findBook(slug)) bag.set(slug, Number(copies))
  }
  return bag
}

export function renderBag(bag: Bag): string {
  return [...bag].map(([slug, copies]) => `${slug}.${copies}`).join('~')
}

export function parseShopper(query: URLSearchParams): Shopper {
  const currency = query.get('in')
  return { bag: parseBag(query.get('bag')), currency: isCurrency(currency) ? currency : 'eur' }
}

/** One of our addresses, with the shopper's bag and currency carried along. */
export function shopUrl(path: string, { bag, currency }: Shopper): string {
  const query = [...(bag.size > 0 ? [`bag=${renderBag(bag)}`] : []), ...(currency === 'eur' ? [] : [`in=${currency}`])]
  return query.length > 0 ? `${path}?${query.join('&')}` : path
}

/** The bag with more or fewer copies of a book; no copy left takes it out. */
export function changeCopies(bag: Bag, slug: string, by: number): Bag {
  if (!findBook(slug)) return bag
  const changed = new Map(bag)
  const copies = Math.min(MAX_COPIES, (bag.get(slug) ?? 0) + by)
  if (copies > 0) changed.set(slug, copies)
  else changed.delete(slug)
  return changed
}

export function countCopies(bag: Bag): number {
  return [...bag.values()].reduce((sum, copies) => sum + copies, 0)
}

export function linesOf({ bag, currency }: Shopper): readonly Line[] {
  return [...bag].flatMap(([slug, copies]) => {
    const book = findBook(slug)
    return book ? [{ book, copies, amount: book.price[currency] * copies }] : []
  })
}

export function totalOf(lines: readonly Line[]): number {
  return lines.reduce((sum, line) => sum + line.amount, 0)
}
