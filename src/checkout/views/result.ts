import { type Html, html } from '../html.ts'
import { ICONS, type IconName } from './icons.ts'

export type Tone = 'good' | 'bad' | 'wait' | 'calm'
export type Fact = readonly [label: string, value: Html | string | undefined]
export type Result = {
  readonly tone: Tone
  readonly icon: IconName
  readonly title: Html | string
  readonly text?: readonly (Html | string | undefined)[]
  readonly facts?: readonly Fact[]
  readonly actions?: readonly (Html | undefined)[]
  /** Polite for a wait that goes on, an alert for an end that was reached. */
  readonly live?: 'status' | 'alert'
}

/** The shape of every screen that is not the form: what happened, the facts, and the one next step. */
export function result({ tone, icon, title, text = [], facts = [], actions = [], live }: Result): Html {
  const shownFacts = facts.filter(([, value]) => value !== undefined)
  const shownActions = actions.filter((action) => action !== undefined)
  return html`<div class="result"><div class="badge ${tone}">${ICONS[icon]}</div><h1 class="result-title" id="title" tabindex="-1">${title}</h1>${
    text.some(Boolean) &&
    html`<div class="text"${live && html` role="${live}"`}>${text.map((line) => line && html`<p dir="auto">${line}</p>`)}</div>`
  }${
    shownFacts.length > 0 &&
    html`<dl class="facts">${shownFacts.map(([label, value]) => html`<div><dt>${label}</dt><dd>${value}</dd></div>`)}</dl>`
  }${shownActions.length > 0 && html`<div class="actions">${shownActions}</div>`}</div>`
}

export function linkButton(
  href: string | undefined,
  words: string,
  look: 'strong' | 'quiet' = 'strong',
): Html | undefined {
  return href ? html`<a class="button ${look}" href="${href}">${words}</a>` : undefined
}
