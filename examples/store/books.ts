import type { Currency } from './money.ts'

export type Book = {
  readonly slug: string
  readonly title: string
  readonly author: string
  readonly kind: string
  readonly pages: number
  readonly blurb: string
  readonly opening: string
  /** Minor units per currency. Some card networks want the last digit of three-decimal amounts to be 0. */
  readonly price: Readonly<Record<Currency, number>>
}

/** The whole stock. A real shop has a database; prices come from here, never from the shopper's form. */
export const BOOKS: readonly Book[] = [
  {
    slug: 'the-salt-atlas',
    title: 'The Salt Atlas',
    author: 'Ines Marrow',
    kind: 'Novel',
    pages: 312,
    blurb:
      'A surveyor is sent to map a coast that will not hold still. By the third summer she stops correcting the charts and starts listening to the people who never needed them.',
    opening: 'The first thing the sea took from us was the word for shore.',
    price: { eur: 2400, jpy: 3900, kwd: 8250 },
  },
  {
    slug: 'night-ferry-to-anywhere',
    title: 'Night Ferry to Anywhere',
    author: 'Tomas Okafor',
    kind: 'Stories',
    pages: 208,
    blurb:
      'Eleven crossings, eleven strangers, one ship that is always leaving. Stories for anybody who has looked at a lit window from the water and wondered who was still up.',
    opening: 'You can tell everything about a person by where they stand on deck.',
    price: { eur: 1650, jpy: 2700, kwd: 5750 },
  },
  {
    slug: 'a-field-guide-to-quiet',
    title: 'A Field Guide to Quiet',
    author: 'June Hallam',
    kind: 'Nature',
    pages: 176,
    blurb:
      'How to find it, how to tell its kinds apart, and how not to scare it off. With forty drawings, a calendar of still mornings, and a short chapter on snow.',
    opening: 'Begin by standing where you are, and then stand there longer.',
    price: { eur: 1900, jpy: 3100, kwd: 6500 },
  },
  {
    slug: 'the-clockmakers-orchard',
    title: 'The Clockmaker’s Orchard',
    author: 'Petra Lindgren',
    kind: 'Novel',
    pages: 284,
    blurb:
      'When the last clockmaker of Aldersee retires, he plants one apple tree for every hour that he ever sold. His granddaughter inherits the orchard, and all of its appointments.',
    opening: 'Grandfather was never late, but he was often early by several years.',
    price: { eur: 1790, jpy: 2900, kwd: 6150 },
  },
  {
    slug: 'eleven-ways-to-fold-a-map',
    title: 'Eleven Ways to Fold a Map',
    author: 'Kenji Abara',
    kind: 'Essays',
    pages: 144,
    blurb:
      'Essays about getting lost on purpose: in old cities, in a language half learned, in a marriage, and once, memorably, inside a furniture shop.',
    opening: 'There is a twelfth way, but it cannot be undone.',
    price: { eur: 1400, jpy: 2300, kwd: 4750 },
  },
  {
    slug: 'soup-for-the-weather',
    title: 'Soup for the Weather',
    author: 'Rosa Delmas',
    kind: 'Cooking',
    pages: 240,
    blurb:
      'Fifty-two soups, sorted not by season but by sky. What to cook for fog, for the first warm wind, for rain that has not made up its mind, and for two in the morning.',
    opening: 'Look out of the window. Now look in the cupboard. We shall meet in the middle.',
    price: { eur: 2800, jpy: 4600, kwd: 9500 },
  },
]

export function findBook(slug: string): Book | undefined {
  return BOOKS.find((book) => book.slug === slug)
}
