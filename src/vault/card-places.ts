/** Where a request holds a card: the members on the way to it, and what it calls the parts. */
export type Place = {
  readonly ways: readonly (readonly string[])[]
  readonly number: string
  readonly codes: readonly string[]
  readonly month: string
  readonly year: string
  /** Its system compares the code only if it is sent: test mode does without. */
  readonly codeOptional?: boolean
}

const STRIPE = { number: 'number', codes: ['cvc'], month: 'exp_month', year: 'exp_year' } as const

/** The places that routes may declare, by the name they declare them by. */
export const CARD_PLACES = {
  card: { ways: [['card']], ...STRIPE },
  payment_method_data: { ways: [['payment_method_data', 'card']], ...STRIPE },
  hsrc: {
    ways: [
      ['payment_method', 'data'],
      ['paymentMethod', 'data'],
    ],
    number: 'pan',
    codes: ['cvv', 'cvc'],
    codeOptional: true,
    month: 'month',
    year: 'year',
  },
  bpc: {
    ways: [['paymentMethod', 'card']],
    number: 'number',
    codes: ['cvc'],
    month: 'expiryMonth',
    year: 'expiryYear',
  },
} as const satisfies Readonly<Record<string, Place>>
export type CardPlace = keyof typeof CARD_PLACES
