/** `outcome`: the card and what the bank makes of it, as far as the group's title does not say it. */
export type TestCard = { readonly number: string; readonly outcome: string }
export type TestCardsScreen = {
  readonly kind: 'test_cards'
  readonly groups: readonly {
    readonly title: string
    readonly text?: string
    readonly cards: readonly TestCard[]
  }[]
  readonly backUrl?: string
}
