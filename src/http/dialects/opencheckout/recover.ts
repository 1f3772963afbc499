import type { SessionView } from '../../../storage/sessions.ts'
import type { DoorDeps } from '../door.ts'
import { openCheckoutId } from './render-session.ts'

/** What a page that lost its shopper may do: resume with the issuer, or see that all is done. It changes nothing. */
export function recoverSession({ publicUrl }: Pick<DoorDeps, 'publicUrl'>, { session, charge }: SessionView) {
  if (session.state === 'complete') {
    return { recovered: true, action: 'completed', message: 'The payment is complete.' }
  }
  if (session.state === 'processing' && charge?.state === 'requires_action') {
    const interact_url = `${publicUrl()}/pay/${openCheckoutId(session)}`
    return { recovered: true, action: 'resume_approval', message: 'The approval can be resumed.', interact_url }
  }
  if (session.state === 'processing') return { recovered: false, message: 'The payment is being checked.' }
  if (session.state === 'open') return { recovered: false, message: 'No payment has been begun.' }
  return { recovered: false, message: 'The session is no longer active.' }
}
