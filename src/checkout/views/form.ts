import { emptyCode, fieldMessage } from '../field-messages.ts'
import { type FieldSpec, fieldsOf, type Section } from '../fields.ts'
import { formatMoney } from '../format-money.ts'
import { type Html, html } from '../html.ts'
import type { MessageKey, Messages } from '../messages.ts'
import type { PageModel, Visit } from '../model.ts'
import { noticeText, noticeTitle } from '../protocol.ts'
import { type FormScreen, type Notice, SAME_ADDRESS } from '../screens/form.ts'
import { brandMarks } from './brand-marks.ts'
import { field } from './field.ts'
import { ICONS } from './icons.ts'
import type { Body } from './layout.ts'
import { merchantText } from './merchant-text.ts'
import { order } from './order.ts'

type Shown = { readonly spec: FieldSpec; readonly error: string | undefined }

/** Screens 2, 3 and 4: the card form, as it is first seen, with field errors, or after a decline. */
export function formView(model: PageModel, visit: Visit, screen: FormScreen, t: Messages): Body {
  const shown = fieldsOf(screen.fields, t).map((spec): Shown => {
    const code = screen.errors[spec.name]
    return { spec, error: code && fieldMessage(spec, code, screen, t) }
  })
  const errors = shown.filter(({ error }) => error !== undefined)
  const title = t('title_pay', { merchant: visit.merchant.displayName })
  return {
    width: 'wide',
    title: errors.length > 0 || screen.notice ? t('title_error', { title }) : title,
    main: html`<div class="columns" id="paying">${order(screen, t)}<div class="sheet">${errorSummary(screen, errors, t)}${notice(
      errors.length > 0 ? undefined : screen.notice,
      model.testMode,
      t,
    )}<p id="offline" class="offline" hidden>${t('offline')}</p>${cardForm(screen, shown, t)}${cancel(
      screen,
      visit,
      t,
    )}</div></div>${checking(visit, t)}`,
  }
}

/** After a decline that fields can mend, the same box says that it was declined: nobody reads of one fault in two. */
function errorSummary(screen: FormScreen, errors: readonly Shown[], t: Messages): Html {
  const declined = screen.notice === 'details' && errors.length > 0
  return html`<div id="errors" class="alert" role="alert" tabindex="-1" aria-labelledby="errors-title"${
    errors.length === 0 && html` hidden`
  }><h2 id="errors-title">${t(declined ? 'decline_title' : 'errors_title')}</h2><p${!declined && html` hidden`}>${t(
    'nothing_taken',
  )}</p><ul>${errors.map(({ spec, error }) => html`<li><a href="#${spec.name}">${error}</a></li>`)}</ul></div>`
}

function notice(given: Notice | undefined, testMode: boolean, t: Messages): Html {
  return html`<div id="notice" class="alert" role="alert" tabindex="-1"${!given && html` hidden`}><h2>${noticeTitle(
    given ?? 'bank',
    t,
  )}</h2><p>${given && noticeText(given, testMode, t)}</p></div>`
}

function cardForm(screen: FormScreen, shown: readonly Shown[], t: Messages): Html {
  const last = shown.at(-1)
  const section = (wanted: Section): Html[] =>
    shown
      .filter(({ spec }) => spec.section === wanted)
      .map(({ spec, error }) => {
        const isCard = spec.rule === 'number' || spec.rule === 'code'
        const value = isCard ? undefined : screen.values[spec.name as keyof FormScreen['values']]
        const marks = spec.rule === 'number' ? { besideLabel: brandMarks(screen.brands, t) } : {}
        const empty = fieldMessage(spec, emptyCode(spec), screen, t)
        return field(spec, { value, error, empty, last: spec === last?.spec, ...marks }, t)
      })
  const { customText } = screen
  const today = `${screen.today.year}-${String(screen.today.month).padStart(2, '0')}`
  const amount = formatMoney(screen.amount, t.locale)
  return html`<form id="pay-form" method="post" action="${screen.payUrl}" novalidate data-today="${today}" data-left="${screen.secondsLeft}" data-brands="${screen.brands.join(
    ' ',
  )}" data-test="${testPrefixes(screen)}" data-words="${scriptWords(t)}">${passedEmail(screen, t)}${section('contact')}${group(t('section_shipping'), section('shipping'), merchantText(customText.shippingAddress))}${group(
    t('section_extra'),
    section('extra'),
  )}<fieldset class="card"><legend class="unseen">${t('section_card')}</legend>${section('card')}</fieldset>${group(
    t('section_billing'),
    section('billing'),
    sameAddress(screen, t),
  )}${merchantText(customText.termsOfService)}<button class="pay" type="submit" data-testid="hosted-payment-submit-button"><span>${t(
    `submit_${screen.submitType}`,
    { amount },
  )}</span></button>${merchantText(customText.submit)}<p class="secure">${ICONS.lock}<span>${t('secure_line')}</span></p><input type="hidden" name="attempt" value="${screen.attempt}"><input type="hidden" name="browser"></form>`
}

function group(title: string, fields: readonly Html[], first?: Html): Html | undefined {
  if (fields.length === 0) return undefined
  return html`<fieldset class="group"><legend>${title}</legend>${first}${fields}</fieldset>`
}

/** What the shop passed is shown, so that a shopper sees a wrong one before paying. */
function passedEmail({ customerEmail }: FormScreen, t: Messages): Html | undefined {
  return customerEmail === undefined
    ? undefined
    : html`<p class="passed"><span>${t('label_email')}</span> <bdi>${customerEmail}</bdi></p>`
}

/** Ticked, it hides the fields by style alone; the server then copies the address and asks for none of them. */
function sameAddress({ sameAddress: ticked }: FormScreen, t: Messages): Html | undefined {
  if (ticked === undefined) return undefined
  return html`<div class="same"><input type="checkbox" id="${SAME_ADDRESS}" name="${SAME_ADDRESS}" value="on"${
    ticked && html` checked`
  }><label for="${SAME_ADDRESS}">${t('same_address')}</label></div>`
}

function cancel(screen: FormScreen, visit: Visit, t: Messages): Html | undefined {
  const words = visit.appearance?.cancelButtonText ?? t('cancel', { merchant: visit.merchant.displayName })
  if (!screen.cancel) return undefined
  if ('href' in screen.cancel) return html`<p class="cancel"><a href="${screen.cancel.href}">${words}</a></p>`
  return html`<form class="cancel" method="post" action="${screen.cancel.action}"><input type="hidden" name="attempt" value="${screen.attempt}"><button type="submit">${words}</button></form>`
}

/** Shown by the script when no answer comes: the same words as screen 8, ready before the network is gone. */
function checking(visit: Visit, t: Messages): Html {
  return html`<div id="checking" class="result" hidden><div class="badge wait">${ICONS.spinner}</div><h2 class="result-title" tabindex="-1">${t(
    'confirming_title',
  )}</h2><p><strong>${t('confirming_not_again')}</strong></p><p>${t('confirming_text')}</p><p class="actions"><a class="button quiet" href="${visit.waitUrl}">${t('check_again')}</a></p></div>`
}

/** Eight digits tell the script which numbers to leave to the server, and are no card number. */
function testPrefixes(screen: FormScreen): string | undefined {
  return screen.testNumbers?.map((number) => number.slice(0, 8)).join(' ')
}

/** The sentences the script needs before the server can say them; everything else stands in the page already. */
export const SCRIPT_WORDS = [
  'error_number_wrong',
  'error_brand_refused',
  'error_expiry_wrong',
  'error_expiry_month',
  'error_expiry_past',
  'error_expiry_far',
  'error_code_length',
  'error_code_length_plain',
  'error_name_number',
  'error_email_wrong',
  'hint_code_3',
  'hint_code_4',
  'busy',
  'title_error',
  'errors_title',
  'notice_unsent_title',
  'notice_unsent',
] as const satisfies readonly MessageKey[]
export type ScriptWord = (typeof SCRIPT_WORDS)[number]

function scriptWords(t: Messages): string {
  return JSON.stringify(Object.fromEntries(SCRIPT_WORDS.map((key) => [key, t(key)])))
}
