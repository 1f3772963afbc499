import type { Uuid } from '../core/ids.ts'
import { changeMetadata } from '../core/metadata.ts'
import type { PaymentTemplate, Session } from '../core/session.ts'
import type { Call, Context } from './call.ts'
import { type Answer, once } from './once.ts'
import { done, type Result, refuse } from './refusals.ts'
import type { SessionChanges } from './session-input.ts'

/** Metadata may change at any time; what the payment will be made of, only until there is one. */
export function updateSession(
  context: Context,
  call: Call,
  id: Uuid,
  changes: SessionChanges,
): Promise<Result<Answer>> {
  return once(context, call, async () => {
    const view = await context.storage.findSessionView(call.caller.tenant, id)
    if (!view) return refuse('resource_missing', 'session')
    if (changes.paymentTemplate && (view.session.state !== 'open' || view.payment)) {
      return refuse('session_not_open', 'payment_intent_data', view.session.state)
    }
    const session: Session = {
      ...view.session,
      version: view.session.version + 1,
      document: changedDocument(view.session, changes),
    }
    const captured = view.charge?.captured ?? 0n
    return done({
      set: { sessions: [session] },
      objectId: id,
      snapshot: { is: 'session', v: 1, session, payment: view.payment, captured },
    })
  })
}

function changedDocument({ document }: Session, changes: SessionChanges): Session['document'] {
  return {
    ...document,
    ...(changes.metadata === undefined ? {} : { metadata: changeMetadata(document.metadata, changes.metadata) }),
    ...(changes.paymentTemplate
      ? { paymentTemplate: changedTemplate(document.paymentTemplate, changes.paymentTemplate) }
      : {}),
  }
}

function changedTemplate(
  before: PaymentTemplate = {},
  { metadata, ...texts }: NonNullable<SessionChanges['paymentTemplate']>,
): PaymentTemplate {
  const merged = { ...before, ...texts }
  const kept = Object.fromEntries(Object.entries(merged).filter(([, value]) => value !== null)) as PaymentTemplate
  return metadata === undefined ? kept : { ...kept, metadata: changeMetadata(before.metadata, metadata) }
}
