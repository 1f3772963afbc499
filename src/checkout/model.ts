/**
 * All that a view may know. No record of the domain comes in here, so a view cannot show what was not meant for the
 * shopper, and every screen can be rendered from a fixture.
 */
import type { Appearance } from '../core/appearance.ts'
import type {
  ChallengeScreen,
  DeviceCheckScreen,
  HandedBackScreen,
  HandOffScreen,
  ReturnedScreen,
} from './screens/bank.ts'
import type { CanceledScreen, ClosedScreen, ExpiredScreen, FailedScreen } from './screens/ended.ts'
import type { FormScreen } from './screens/form.ts'
import type { PaidScreen } from './screens/paid.ts'
import type { TestCardsScreen } from './screens/test-cards.ts'
import type { ErrorScreen, NotFoundScreen, UnavailableScreen } from './screens/trouble.ts'
import type { ConfirmingScreen, ElsewhereScreen, ProcessingScreen } from './screens/waiting.ts'

export type Merchant = {
  readonly displayName: string
  readonly domain?: string
  readonly supportEmail?: string
  readonly supportUrl?: string
  readonly termsUrl?: string
  readonly privacyUrl?: string
}

export type Assets = {
  /** The whole style sheet: it stands inline under the nonce. */
  readonly css: string
  readonly scriptUrl: string
  /** `sha384-…` of the script's bytes. */
  readonly scriptIntegrity: string
}

export type Shell = {
  /** BCP 47, as the session or the browser asked for it. */
  readonly locale: string
  readonly cspNonce: string
  readonly assets: Assets
  readonly testMode: boolean
  /** Where the test bar's link leads; no link without it. */
  readonly testCardsUrl?: string
}

/** What every screen of one session shares. */
export type Visit = {
  readonly merchant: Merchant
  readonly appearance?: Appearance
  /** This session's page. */
  readonly selfUrl: string
  /** The same, for a window that waits: it leads on to the shop as soon as nothing is left to do here. */
  readonly waitUrl: string
  /** Answers GET with a `StateAnswer`, see protocol.ts. */
  readonly stateUrl: string
}

export type PageModel =
  | (Shell & { readonly visit: Visit; readonly screen: VisitScreen })
  | (Shell & { readonly visit?: undefined; readonly screen: NeutralScreen })

export type VisitScreen =
  | FormScreen
  | ProcessingScreen
  | DeviceCheckScreen
  | ChallengeScreen
  | ReturnedScreen
  | ConfirmingScreen
  | PaidScreen
  | FailedScreen
  | CanceledScreen
  | ClosedScreen
  | ExpiredScreen
  | ElsewhereScreen
  | UnavailableScreen
export type NeutralScreen =
  | HandOffScreen
  | HandedBackScreen
  | NotFoundScreen
  | UnavailableScreen
  | ErrorScreen
  | TestCardsScreen
export type ScreenKind = PageModel['screen']['kind']

/** The HTTP status each screen goes out with; a form with field errors is 422. */
export function statusOf(screen: PageModel['screen']): 200 | 404 | 410 | 422 | 503 {
  switch (screen.kind) {
    case 'form':
      return Object.keys(screen.errors).length > 0 ? 422 : 200
    case 'closed':
    case 'expired':
      return 410
    case 'not_found':
      return 404
    case 'unavailable':
      return 503
    default:
      return 200
  }
}
