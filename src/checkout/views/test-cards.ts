import { groupNumber } from '../../core/card-fields.ts'
import { html } from '../html.ts'
import type { Messages } from '../messages.ts'
import type { TestCardsScreen } from '../screens/test-cards.ts'
import type { Body } from './layout.ts'
import { linkButton } from './result.ts'

/** The published numbers of test mode. With a script, a press copies one. */
export function testCardsView(screen: TestCardsScreen, t: Messages): Body {
  const title = t('cards_title')
  return {
    width: 'narrow',
    title,
    main: html`<div class="result cards"><h1 class="result-title" id="title" tabindex="-1">${title}</h1><p>${t('cards_intro')}</p><nav aria-labelledby="title"><ul>${screen.groups.map(
      (group, at) => html`<li><a class="button quiet" href="#group-${at + 1}">${group.title}</a></li>`,
    )}</ul></nav>${screen.groups.map(
      (group, at) =>
        html`<h2 id="group-${at + 1}">${group.title}</h2>${group.text && html`<p>${group.text}</p>`}<ul>${group.cards.map(
          (card) =>
            html`<li><div><code>${groupNumber(card.number)}</code><span>${card.outcome}</span></div><button class="button quiet" type="button" hidden data-copy="${card.number}" data-copied="${t(
              'cards_copied',
              { number: groupNumber(card.number) },
            )}" aria-label="${t('cards_copy')} ${groupNumber(card.number)}">${t('cards_copy')}</button></li>`,
        )}</ul>`,
    )}<div class="actions">${linkButton(screen.backUrl, t('cards_back'))}</div></div>`,
  }
}
