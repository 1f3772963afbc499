import type { FieldSpec, Rule } from '../fields.ts'
import { type Html, html } from '../html.ts'
import type { Messages } from '../messages.ts'

type Keyboard = { readonly type: string; readonly inputmode?: string; readonly ltr?: true; readonly caps?: string }

/** Which keyboard a phone shows. Never `type=number`: it takes "e", drops zeros and scrolls. */
const KEYBOARDS: Partial<Record<Rule, Keyboard>> = {
  number: { type: 'text', inputmode: 'numeric', ltr: true },
  expiry: { type: 'text', inputmode: 'numeric', ltr: true },
  code: { type: 'text', inputmode: 'numeric', ltr: true },
  digits: { type: 'text', inputmode: 'numeric' },
  name: { type: 'text', caps: 'words' },
  email: { type: 'email', inputmode: 'email', ltr: true, caps: 'none' },
  phone: { type: 'tel', ltr: true },
  postcode: { type: 'text', caps: 'characters' },
}

export type FieldState = {
  readonly value: string | undefined
  readonly error: string | undefined
  readonly last: boolean
  readonly besideLabel?: Html
  /** What the script says when the answer is missing. */
  readonly empty: string
}

/** One question: label, hint, input and error. Hints stand above, where no list covers them; neighbors share three rows. */
export function field(spec: FieldSpec, state: FieldState, t: Messages): Html {
  const { name } = spec
  return html`<div class="field${spec.half && ' half'}"><div><div class="label"><label for="${name}">${spec.label}${
    !spec.required && html` <span class="optional">(${t(spec.kept ? 'kept' : 'optional')})</span>`
  }</label>${state.besideLabel}</div>${spec.hint && html`<p class="hint" id="${name}-hint">${spec.hint}</p>`}</div>${
    spec.choices ? select(spec, state) : input(spec, state)
  }<p class="error" id="${name}-error"${!state.error && html` hidden`}>${state.error}</p></div>`
}

function shared(spec: FieldSpec, state: FieldState): Html {
  const { name } = spec
  const describedBy = [spec.hint && `${name}-hint`, state.error && `${name}-error`].filter(Boolean).join(' ')
  return html`id="${name}" name="${name}" data-rule="${spec.rule}"${spec.required && html` aria-required="true"`}${
    // Whether a postcode may be missing depends on the country, which the server knows.
    spec.required && spec.rule !== 'postcode' && html` data-empty="${state.empty}"`
  }${
    describedBy && html` aria-describedby="${describedBy}"`
  }${state.error && html` aria-invalid="true"`}${spec.autocomplete && html` autocomplete="${spec.autocomplete}"`}`
}

function input(spec: FieldSpec, state: FieldState): Html {
  const { type, inputmode, ltr, caps }: Keyboard = KEYBOARDS[spec.rule] ?? { type: 'text' }
  return html`<input type="${type}" ${shared(spec, state)}${inputmode && html` inputmode="${inputmode}"`}${
    ltr && html` dir="ltr"`
  }${caps && html` autocapitalize="${caps}"`} maxlength="${spec.maxlength}" spellcheck="false" enterkeyhint="${
    state.last ? 'go' : 'next'
  }" value="${state.value ?? spec.defaultValue}">`
}

function select(spec: FieldSpec, state: FieldState): Html {
  const chosen = state.value ?? spec.defaultValue ?? ''
  return html`<select ${shared(spec, state)}><option value="">${spec.prompt}</option>${spec.choices?.map(
    ({ value, label }) => html`<option value="${value}"${value === chosen && html` selected`}>${label}</option>`,
  )}</select>`
}
