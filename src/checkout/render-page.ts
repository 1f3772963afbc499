import { type Messages, messagesFor } from './messages.ts'
import type { PageModel, Visit, VisitScreen } from './model.ts'
import { challengeView, deviceCheckView, handedBackView, handOffView, returnedView } from './views/challenge.ts'
import { canceledView, closedView, expiredView, failedView } from './views/ended.ts'
import { formView } from './views/form.ts'
import { type Body, layout } from './views/layout.ts'
import { paidView } from './views/paid.ts'
import { testCardsView } from './views/test-cards.ts'
import { errorView, notFoundView, unavailableView } from './views/trouble.ts'
import { confirmingView, elsewhereView, processingView } from './views/waiting.ts'

/** The whole document for a model: total by type, so a screen without a view does not compile. */
export function renderPage(model: PageModel): string {
  const t = messagesFor(model.locale)
  return layout(model, bodyOf(model, t), t).toString()
}

function bodyOf(model: PageModel, t: Messages): Body {
  if (model.visit) return visitBody(model, model.visit, model.screen, t)
  switch (model.screen.kind) {
    case 'hand_off':
      return handOffView(model.screen, t)
    case 'handed_back':
      return handedBackView(model.screen, t)
    case 'not_found':
      return notFoundView(t)
    case 'error':
      return errorView(model.screen, t)
    case 'unavailable':
      return unavailableView(undefined, model.screen, t)
    case 'test_cards':
      return testCardsView(model.screen, t)
  }
}

function visitBody(model: PageModel, visit: Visit, screen: VisitScreen, t: Messages): Body {
  switch (screen.kind) {
    case 'form':
      return formView(model, visit, screen, t)
    case 'processing':
      return processingView(visit, screen, t)
    case 'device_check':
      return deviceCheckView(visit, screen, t)
    case 'challenge':
      return challengeView(visit, screen, t)
    case 'returned':
      return returnedView(visit, screen, t)
    case 'confirming':
      return confirmingView(visit, screen, t)
    case 'paid':
      return paidView(visit, screen, t)
    case 'failed':
      return failedView(visit, screen, t)
    case 'canceled':
      return canceledView(visit, screen, t)
    case 'closed':
      return closedView(visit, screen, t)
    case 'expired':
      return expiredView(visit, screen, t)
    case 'elsewhere':
      return elsewhereView(visit, screen, t)
    case 'unavailable':
      return unavailableView(visit, screen, t)
  }
}
