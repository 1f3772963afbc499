/** Tries that are made at a time. */
const PLACES = 64
/** Of them so many at failing endpoints, all together. */
const FAILING = PLACES / 2
/** So many an account has in any case, though others hold all the places with calls that take their time. */
const OWN = 4
/** And so many there are at the very most. */
const MOST = 4 * PLACES

type Held = { readonly all: number; readonly failing: number }
export type Room = {
  /** By everybody. */
  readonly held: Held
  /** By the account that asks. */
  readonly own: Held
  /** How many accounts hold places or have something due, the asking one included. */
  readonly accounts: number
  /** Whether everybody who has something due has been asked for it already: what is left then is anybody's. */
  readonly leftover: boolean
}
export type Places = { readonly limit: number; readonly failingLimit: number }

/** The even part of an account, while others want places as well. */
export const partOf = (accounts: number, all = PLACES): number => Math.ceil(all / accounts)

/**
 * How many tries an account may begin. A place is held for as long as the endpoint takes, so an account whose endpoints are
 * slow gathers places. While others have something due it may hold no more than an even part of them; what nobody wants
 * it may have as well. Nobody's call is cut short for another's: that is what the places of its own are for.
 */
export function placesFor({ held, own, accounts, leftover }: Room): Places {
  const room = (all: number, taken: number, mine: number) =>
    Math.min(all - taken, leftover ? all : partOf(accounts, all) - mine)
  const limit = Math.min(MOST - held.all, Math.max(room(PLACES, held.all, own.all), OWN - own.all))
  return {
    limit: Math.max(0, limit),
    failingLimit: Math.max(0, room(FAILING, held.failing, own.failing)),
  }
}
