/** The form as the script sees it: what is typed, what is wrong with it, and where that is said. */
import {
  asciiDigits,
  type BrandRules,
  brandOf,
  brandRules,
  type CardBrand,
  cleanNumber,
  type FieldCode,
  longestNumber,
  parseCardName,
  parseCode,
  parseEmail,
  parseExpiry,
  parseNumber,
  type Verdict,
} from '../../core/card-fields.ts'
import { SAME_ADDRESS } from '../screens/form.ts'
import { announce, byId, fill, type Words } from './page.ts'
import { typeExpiry, typeNumber } from './typing.ts'

type Control = HTMLInputElement | HTMLSelectElement

export class CardForm {
  readonly form: HTMLFormElement
  readonly words: Words
  readonly #controls: readonly Control[]
  readonly #accepted: readonly CardBrand[]
  readonly #testPrefixes: readonly string[]
  readonly #title = document.title.replace(/^Error: /, '')
  #brand: BrandRules | undefined
  #expiryShown = ''

  constructor(form: HTMLFormElement) {
    this.form = form
    this.words = JSON.parse(form.dataset.words ?? '{}')
    this.#accepted = (form.dataset.brands ?? '').split(' ').filter(Boolean) as CardBrand[]
    this.#testPrefixes = (form.dataset.test ?? '').split(' ').filter(Boolean)
    this.#controls = [...form.querySelectorAll<Control>('[data-rule]')]
    for (const control of this.#controls) {
      control.addEventListener('input', (event) => this.#onInput(control, event as InputEvent))
      control.addEventListener('compositionend', (event) => this.#onInput(control, event as unknown as InputEvent))
      if (control.dataset.rule === 'number') control.addEventListener('blur', () => this.#onLeavingNumber(control))
    }
    // A browser that came back or filled the fields early has typed before we listened.
    this.#showBrand()
  }

  get attempt(): string {
    return this.#attemptInput()?.value ?? ''
  }
  set attempt(attempt: string) {
    const input = this.#attemptInput()
    if (input) input.value = attempt
  }

  /** Judges every field; with errors it says so and answers false. */
  check(): boolean {
    const errors: Record<string, string> = {}
    for (const control of this.#controls) {
      const message = this.#isCopied(control) ? '' : this.#judge(control)
      if (message) errors[control.name] = message
    }
    this.report(errors)
    return Object.keys(errors).length === 0
  }

  /** Writes every error by its field and all of them into the summary, which takes the focus. */
  report(errors: Readonly<Record<string, string>>, declined?: string): void {
    const summary = byId('errors')
    const wrong = this.#controls.filter((control) => errors[control.name])
    for (const control of this.#controls) this.#say(control, errors[control.name] ?? '')
    const [heading, text] = [summary.querySelector('h2'), summary.querySelector('p')]
    // The page may have come with the words of a decline, and these are other errors.
    if (heading) heading.textContent = declined ?? this.words.errors_title
    if (text) text.hidden = declined === undefined
    if (this.#same && wrong.some((control) => this.#isCopied(control))) this.#same.checked = false
    summary.querySelector('ul')?.replaceChildren(...wrong.map((control) => linkTo(control, errors[control.name] ?? '')))
    summary.hidden = wrong.length === 0
    document.title = wrong.length > 0 ? fill(this.words.title_error, { title: this.#title }) : this.#title
    if (wrong.length === 0) return
    byId('notice').hidden = true
    summary.focus()
    summary.scrollIntoView({ block: 'nearest' })
  }

  /** A decline, or a connection that broke: said above the form, everything typed still there. */
  notify(message: string, title?: string): void {
    const notice = byId('notice')
    const [heading, text] = [notice.querySelector('h2'), notice.querySelector('p')]
    if (heading && title) heading.textContent = title
    if (text) text.textContent = message
    notice.hidden = false
    document.title = fill(this.words.title_error, { title: this.#title })
    notice.focus()
  }

  /** After each attempt the code is typed anew; the number only when the page is left. */
  forget(what: 'code' | 'card'): void {
    const rules = what === 'code' ? ['code'] : ['code', 'number', 'expiry']
    for (const control of this.#controls) if (rules.includes(control.dataset.rule ?? '')) control.value = ''
  }

  get #same(): HTMLInputElement | null {
    return this.form.querySelector<HTMLInputElement>(`#${SAME_ADDRESS}`)
  }

  /** While the box is ticked, the server takes these answers from the delivery address. */
  #isCopied(control: Control): boolean {
    const same = this.#same
    return same?.checked === true && control.closest('fieldset')?.contains(same) === true
  }

  #attemptInput(): HTMLInputElement | null {
    return this.form.querySelector<HTMLInputElement>('input[name=attempt]')
  }

  #valueOf(rule: string): string {
    return this.#controls.find((control) => control.dataset.rule === rule)?.value ?? ''
  }

  #onInput(control: Control, event: InputEvent): void {
    // Text that is being composed belongs to the keyboard until it is done.
    if (event.isComposing) return
    const { rule } = control.dataset
    if (control instanceof HTMLInputElement) this.#format(control, rule, /^delete/.test(event.inputType ?? ''))
    if (rule === 'number') this.#onNumber(control)
    else if (control.hasAttribute('aria-invalid')) this.#say(control, this.#judge(control))
  }

  #format(input: HTMLInputElement, rule: string | undefined, deleting: boolean): void {
    const caret = input.selectionStart ?? input.value.length
    if (rule === 'number') show(input, typeNumber(input.value, caret, deleting))
    if (rule === 'expiry') {
      show(input, typeExpiry(input.value, caret, deleting, this.#expiryShown))
      this.#expiryShown = input.value
    }
    if (rule === 'code') {
      const text = asciiDigits(input.value).replace(/\D/g, '')
      if (text !== input.value) input.value = text
    }
  }

  #onNumber(control: Control): void {
    this.#showBrand()
    const digits = cleanNumber(control.value) ?? ''
    const refused = this.#brand !== undefined && !this.#accepted.includes(this.#brand.brand)
    const complete = digits.length >= longestNumber(digits)
    if (refused || complete || control.hasAttribute('aria-invalid')) this.#say(control, this.#judge(control))
  }

  #onLeavingNumber(control: Control): void {
    if (control.value.trim() !== '') this.#say(control, this.#judge(control))
  }

  #showBrand(): void {
    const brand = brandOf(cleanNumber(this.#valueOf('number')) ?? '')
    if (brand?.brand === this.#brand?.brand) return
    this.#brand = brand
    if (brand) announce(brand.name)
    for (const mark of this.form.querySelectorAll<HTMLElement>('[data-brand]')) {
      const isIt = mark.dataset.brand === brand?.brand
      mark.classList.toggle('dim', brand !== undefined && !isIt)
      mark.classList.toggle('on', isIt)
    }
    const hint = document.getElementById('cardCvc-hint')
    if (hint && brand) hint.textContent = this.words[brand.codeLength === 4 ? 'hint_code_4' : 'hint_code_3']
  }

  /** The sentence for what is wrong with a field, empty when nothing is. Other rules are the server's to judge. */
  #judge(control: Control): string {
    const { rule, empty } = control.dataset
    const { value } = control
    if (value.trim() === '') return empty ?? ''
    if (rule === 'number') return this.#sentence(this.#judgeNumber(value))
    if (rule === 'expiry') return this.#sentence(parseExpiry(value, today(this.form)))
    if (rule === 'code') return this.#sentence(parseCode(value, cleanNumber(this.#valueOf('number')) ?? ''))
    if (rule === 'name') return this.#sentence(parseCardName(value))
    if (rule === 'email') return this.#sentence(parseEmail(value))
    return ''
  }

  #judgeNumber(value: string): Verdict<unknown> {
    const digits = cleanNumber(value) ?? ''
    const isTestNumber = this.#testPrefixes.includes(digits.slice(0, 8))
    const testNumbers = new Set(isTestNumber && digits.length >= 15 ? [digits] : [])
    return parseNumber(value, { accepted: this.#accepted, testNumbers })
  }

  #sentence(verdict: Verdict<unknown>): string {
    if (verdict.ok) return ''
    const { words } = this
    const brand = this.#brand
    if (verdict.code === 'code_length' && !brand) return words.error_code_length_plain
    const names = this.#accepted.map((accepted) => brandRules(accepted).name)
    const list = new Intl.ListFormat(document.documentElement.lang, { type: 'disjunction' }).format(names)
    const sentence = words[`error_${verdict.code}` as `error_${Exclude<FieldCode, `${string}_empty` | 'name_long'>}`]
    return fill(sentence ?? words.error_number_wrong, {
      brand: brand?.name ?? '',
      digits: brand?.codeLength ?? '',
      list,
    })
  }

  #say(control: Control, message: string): void {
    const id = `${control.id}-error`
    const place = document.getElementById(id)
    if (!place || place.textContent === message) return
    place.textContent = message
    place.hidden = message === ''
    const others = (control.getAttribute('aria-describedby') ?? '').split(' ').filter((part) => part && part !== id)
    const describedBy = message ? [...others, id] : others
    setOrRemove(control, 'aria-describedby', describedBy.join(' '))
    setOrRemove(control, 'aria-invalid', message && 'true')
  }
}

function today(form: HTMLFormElement): { month: number; year: number } {
  const [year = 0, month = 0] = (form.dataset.today ?? '').split('-').map(Number)
  return { month, year }
}

function show(input: HTMLInputElement, typed: { text: string; caret: number }): void {
  if (typed.text === input.value) return
  input.value = typed.text
  // Moving the selection would steal the focus in some browsers when a password manager fills from outside.
  if (document.activeElement === input) input.setSelectionRange(typed.caret, typed.caret)
}

function linkTo(control: Control, message: string): HTMLLIElement {
  const link = document.createElement('a')
  link.href = `#${control.id}`
  link.textContent = message
  link.addEventListener('click', (event) => {
    event.preventDefault()
    control.focus()
  })
  const item = document.createElement('li')
  item.append(link)
  return item
}

function setOrRemove(element: Element, attribute: string, value: string): void {
  if (value) element.setAttribute(attribute, value)
  else element.removeAttribute(attribute)
}
