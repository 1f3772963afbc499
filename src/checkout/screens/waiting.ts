import type { PageMoney } from '../format-money.ts'

export type ProcessingScreen = {
  readonly kind: 'processing'
  readonly amount: PageMoney
  /** Without a script the page reloads itself after so many seconds. */
  readonly refreshSeconds?: number
}

export type ConfirmingScreen = {
  readonly kind: 'confirming'
  readonly amount: PageMoney
  readonly reference: string
  readonly refreshSeconds?: number
}

export type ElsewhereScreen = {
  readonly kind: 'elsewhere'
  readonly amount: PageMoney
  readonly refreshSeconds?: number
}
