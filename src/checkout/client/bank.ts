/** The script of the screens on the way to the issuer and back: it takes the page's own one's place there. */
import { checkDevice, leaveFrame, showChallenge } from './challenge.ts'
import { stayOnBack } from './page.ts'

stayOnBack()
const { screen } = document.body.dataset
if (screen === 'challenge') showChallenge()
if (screen === 'device_check') checkDevice()
if (screen === 'hand_off') document.querySelector<HTMLFormElement>('#bank')?.submit()
if (screen === 'returned' || screen === 'handed_back') leaveFrame()
