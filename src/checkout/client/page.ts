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

/** Loads the address, also where it is this page's own: then in its place, so that Back does not lead to it twice. */
export function go(url: string): void {
  const target = new URL(url, location.href)
  const own = withoutWait(target) === withoutWait(new URL(location.href))
  target.hash = ''
  if (own) location.replace(target.href)
  else location.assign(url)
}

/** Who waits is led on to the shop; who comes Back, or loads the page again, asks for a screen. */
export function stayOnBack(): void {
  const address = new URL(location.href)
  if (address.searchParams.has('wait')) history.replaceState(history.state, '', withoutWait(address) + address.hash)
}

function withoutWait({ href }: URL): string {
  const address = new URL(href)
  address.searchParams.delete('wait')
  address.hash = ''
  return address.href
}
