/**
 * The page's one script. It only enhances: without it, or when it fails, every form posts and every screen is whole.
 * Text goes in as text, so Trusted Types hold.
 */
import { CardForm } from './card-form.ts'
import { stayOnBack } from './page.ts'
import { payInPlace } from './pay.ts'
import { enhanceScreen } from './screens.ts'

stayOnBack()
enhanceScreen()
const form = document.querySelector<HTMLFormElement>('#pay-form')
if (form) payInPlace(new CardForm(form))
