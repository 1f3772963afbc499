import { brandRules } from '../../core/card-fields.ts'
import { formatMoney } from '../format-money.ts'
import { type Html, html } from '../html.ts'
import type { Messages } from '../messages.ts'
import type { Visit } from '../model.ts'
import type { PaidScreen } from '../screens/paid.ts'
import type { Body } from './layout.ts'
import { boldText } from './merchant-text.ts'
import { linkButton, result } from './result.ts'

/** Screens 9 and 14: it is paid. Nothing on it can pay again. */
export function paidView(visit: Visit, screen: PaidScreen, t: Messages): Body {
  const amount = formatMoney(screen.amount, t.locale)
  const title = t(titleKey(screen), { amount })
  const merchant = visit.merchant.displayName
  return {
    width: 'narrow',
    title,
    main: result({
      tone: 'good',
      icon: 'check',
      title,
      live: 'alert',
      text: [
        screen.captured ? undefined : t('authorized_text', { merchant }),
        screen.receiptEmail && t('paid_receipt_to', { email: screen.receiptEmail }),
        screen.afterSubmit && boldText(screen.afterSubmit),
      ],
      facts: [
        [t('fact_amount'), html`<bdi>${amount}</bdi>`],
        [t('fact_merchant'), html`<span dir="auto">${merchant}</span>`],
        [t('fact_date'), moment(screen.at, t.locale)],
        [t('fact_card'), screen.card && cardName(screen.card, t)],
        [t('fact_reference'), html`<span class="reference">${screen.reference}</span>`],
      ],
      actions: [
        linkButton(screen.returnUrl, t('return_to', { merchant })),
        linkButton(screen.receiptUrl, t('receipt'), 'quiet'),
        html`<button class="button quiet" type="button" id="print" hidden>${t('print')}</button>`,
      ],
    }),
  }
}

function titleKey(screen: PaidScreen): 'already_paid_title' | 'authorized_title' | 'paid_title_donate' | 'paid_title' {
  // Held money is not paid yet, however often the page is opened.
  if (!screen.captured) return 'authorized_title'
  if (screen.seen === 'opened_again') return 'already_paid_title'
  return screen.submitType === 'donate' ? 'paid_title_donate' : 'paid_title'
}

function cardName({ brand, last4 }: NonNullable<PaidScreen['card']>, t: Messages): string {
  return t('card_ending', { brand: brand ? brandRules(brand).name : t('card_plain'), last4 })
}

/** In UTC with its name; the script puts it into the shopper's own zone. */
function moment(at: Date, locale: string): Html {
  const format = new Intl.DateTimeFormat(locale, {
    year: 'numeric',
    month: 'short',
    day: 'numeric',
    hour: 'numeric',
    minute: '2-digit',
    timeZone: 'UTC',
    timeZoneName: 'short',
  })
  return html`<time datetime="${at.toISOString()}">${format.format(at)}</time>`
}
