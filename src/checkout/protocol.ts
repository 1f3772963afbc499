/**
 * What the page's script and the server say to each other. The script only enhances: the same routes answer a plain
 * form post with a page (422) or a redirect (303), and `Accept: application/json` with these shapes.
 */
import type { DeclineClass } from '../core/declines.ts'
import { fieldMessage } from './field-messages.ts'
import { fieldsOf } from './fields.ts'
import type { Messages } from './messages.ts'
import type { ScreenKind } from './model.ts'
import type { FieldErrorCode, FieldErrors, FormScreen, Notice } from './screens/form.ts'

/**
 * 422: nothing was stored, and the same form may be sent again with the new attempt. With 200 it is a decline of class
 * `details`: the bank found these fields wrong, see `DECLINED_CODES`.
 */
export type PayErrors = {
  readonly errors: Readonly<Record<string, FieldErrorCode>>
  /** The sentences for `errors`, as the page itself would show them. */
  readonly messages: Readonly<Record<string, string>>
  readonly attempt: string
  /** Stands over a decline in place of the summary's own heading. */
  readonly title?: string
}
/** 200: go there; the shop's success URL, or this page again to see the present screen. */
export type PayNext = { readonly next: string }
/** 200: declined, or the form was too old; the form stays and may be sent again with the new attempt. */
export type PayNotice = { readonly notice: Notice; readonly message: string; readonly attempt: string }
export type PayAnswer = PayErrors | PayNext | PayNotice

/** GET of the state URL. `attempt` is the one the form may use now; absent on every other screen. */
export type StateAnswer = { readonly screen: ScreenKind; readonly attempt?: string; readonly next?: string }

export function renderPayErrors(
  screen: Pick<FormScreen, 'fields' | 'brands' | 'values' | 'attempt'>,
  errors: FieldErrors,
  t: Messages,
  declined = false,
): PayErrors {
  const found = fieldsOf(screen.fields, t).flatMap((field) => {
    const code = errors[field.name]
    return code === undefined ? [] : [{ name: field.name, code, message: fieldMessage(field, code, screen, t) }]
  })
  return {
    errors: Object.fromEntries(found.map(({ name, code }) => [name, code])),
    messages: Object.fromEntries(found.map(({ name, message }) => [name, message])),
    attempt: screen.attempt,
    ...(declined ? { title: t('decline_title') } : {}),
  }
}

export function renderPayNotice(notice: Notice, attempt: string, testMode: boolean, t: Messages): PayNotice {
  return { notice, message: noticeText(notice, testMode, t), attempt }
}

export function noticeText(notice: Notice, testMode: boolean, t: Messages): string {
  if (notice === 'old') return t('notice_old')
  if (notice === 'mode') return t(testMode ? 'decline_mode_test' : 'decline_mode_live')
  return t(`decline_${notice}` satisfies `decline_${Exclude<DeclineClass, 'mode'>}`)
}

export function noticeTitle(notice: Notice, t: Messages): string {
  return t(notice === 'old' ? 'notice_old_title' : 'decline_title')
}
