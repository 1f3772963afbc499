import type { ScriptWord } from '../views/form.ts'

export type Words = Readonly<Record<ScriptWord, string>>

export function byId(id: string): HTMLElement {
  const element = document.getElementById(id)
  if (!element) throw new Error(`the page has no #${id}`)
  return element
}

/** One polite region speaks for the whole page; the same words twice in a row are said once. */
export function announce(text: string): void {
  const status = document.getElementById('status')
  if (status && status.textContent !== text) status.textContent = text
}

export function fill(text: string, values: Readonly<Record<string, string | number>>): string {
  return text.replace(/\{(\w+)\}/g, (whole, name: string) => String(values[name] ?? whole))
}

/** Loads the address even where it is this page's own with another fragment. */
export function go(url: string): void {
  const target = new URL(url, location.href)
  if (target.href.split('#')[0] === location.href.split('#')[0]) location.reload()
  else location.assign(target.href)
}
