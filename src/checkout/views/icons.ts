import { type Html, html } from '../html.ts'

const stroke = (body: Html): Html =>
  html`<svg class="icon" viewBox="0 0 24 24" width="24" height="24" fill="none" stroke="currentColor" stroke-width="2" stroke-linecap="round" stroke-linejoin="round" aria-hidden="true" focusable="false">${body}</svg>`

/** Drawn for this page. They decorate: every one stands beside words that say the same. */
export const ICONS = {
  lock: stroke(html`<rect x="5" y="11" width="14" height="9" rx="2"/><path d="M8 11V8a4 4 0 0 1 8 0v3"/>`),
  check: stroke(html`<path d="m5 12.5 4.5 4.5L19 7.5"/>`),
  clock: stroke(html`<circle cx="12" cy="12" r="8.5"/><path d="M12 7.5V12l3 2"/>`),
  cross: stroke(html`<path d="m7 7 10 10M17 7 7 17"/>`),
  pause: stroke(html`<path d="M9 7v10M15 7v10"/>`),
  ended: stroke(html`<circle cx="12" cy="12" r="8.5"/><path d="m6.2 6.2 11.6 11.6"/>`),
  windows: stroke(html`<rect x="4" y="4" width="11" height="11" rx="2"/><path d="M9 19h8a2 2 0 0 0 2-2V9"/>`),
  search: stroke(html`<circle cx="11" cy="11" r="6.5"/><path d="m16 16 4 4"/>`),
  spinner: html`<span class="spinner" aria-hidden="true"></span>`,
} as const
export type IconName = keyof typeof ICONS
