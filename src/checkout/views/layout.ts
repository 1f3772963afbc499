import type { Appearance } from '../../core/appearance.ts'
import { appearanceStyle, canvasColor } from '../appearance-style.ts'
import { type Html, html, trustedStyle } from '../html.ts'
import type { Messages } from '../messages.ts'
import type { Merchant, PageModel } from '../model.ts'

export type Body = {
  readonly title: string
  readonly main: Html
  /** Seconds after which a browser without scripts reloads. */
  readonly refreshSeconds?: number | undefined
  /** `wide` gives the screen two columns where there is room. */
  readonly width: 'wide' | 'narrow'
}

/** The frame of every screen: test bar, who is paid, the screen, and the few ways out. */
export function layout(model: PageModel, body: Body, t: Messages): Html {
  const { visit } = model
  const looks = visit?.appearance
  const refresh = visit && body.refreshSeconds && `${body.refreshSeconds};url=${visit.waitUrl}`
  return html`<!doctype html>
<html lang="${t.locale}" dir="ltr"><head><meta charset="utf-8"><title>${body.title}</title>
<meta name="viewport" content="width=device-width,initial-scale=1">
<meta name="robots" content="noindex,nofollow"><meta name="referrer" content="no-referrer">
<meta name="format-detection" content="telephone=no">
<meta name="color-scheme" content="light dark"><link rel="icon" href="data:,">
<meta name="theme-color" content="${frameColor(model, 'light')}" media="(prefers-color-scheme:light)">
<meta name="theme-color" content="${frameColor(model, 'dark')}" media="(prefers-color-scheme:dark)">
${refresh && html`<noscript><meta http-equiv="refresh" content="${refresh}"></noscript>`}
<style nonce="${model.cspNonce}">${trustedStyle(model.assets.css)}${looks && trustedStyle(appearanceStyle(looks))}</style>
<script type="module" nonce="${model.cspNonce}" src="${model.assets.scriptUrl}" integrity="${model.assets.scriptIntegrity}"></script></head>
<body class="${body.width}" data-screen="${model.screen.kind}" data-state="${visit?.stateUrl}" data-wait="${visit?.waitUrl}">
<a class="skip" href="#main">${t(model.screen.kind === 'form' ? 'skip_to_payment' : 'skip_to_content')}</a>
<header>${model.testMode && testBar(model, t)}${visit && identity(visit.merchant, looks)}</header>
<main id="main" tabindex="-1">${body.main}<p id="status" class="unseen" role="status"></p></main>
${footer(visit?.merchant, t, looks?.hideBranding === true)}
</body></html>`
}

function testBar(model: PageModel, t: Messages): Html {
  const link = model.testCardsUrl
  return html`<div class="test" role="note">${t('test_bar')}${
    link && html` <a href="${link}" target="_blank" rel="noopener">${t('test_bar_link')}</a>`
  }</div>`
}

function identity(merchant: Merchant, { logoUrl, showMerchantName }: Appearance = {}): Html {
  const initial = [...merchant.displayName.trim()][0]?.toUpperCase()
  const mark = logoUrl
    ? html`<img class="shop-logo" src="${logoUrl}" alt="" decoding="async" referrerpolicy="no-referrer">`
    : html`<span class="shop-mark" aria-hidden="true">${initial}</span>`
  return html`<div class="shop">${mark}<span class="shop-name${showMerchantName === false && ' unseen'}" dir="auto">${merchant.displayName}</span>${
    merchant.domain && html`<span class="shop-domain">${merchant.domain}</span>`
  }</div>`
}

/** What the browser puts around the page: the color of what it begins with. */
function frameColor({ testMode, visit }: PageModel, scheme: 'light' | 'dark'): string {
  if (testMode) return scheme === 'light' ? '#ffedc2' : '#3a2d0c'
  return canvasColor(visit?.appearance ?? {}, scheme)
}

function footer(merchant: Merchant | undefined, t: Messages, isPlain: boolean): Html {
  const away = (url: string, name: string): Html =>
    html`<li><a href="${url}" target="_blank" rel="noopener" aria-label="${t('footer_new_tab', { name })}">${name}</a></li>`
  const contact = merchant?.supportUrl ?? (merchant?.supportEmail && `mailto:${merchant.supportEmail}`)
  return html`<footer>${
    merchant &&
    (contact || merchant.termsUrl || merchant.privacyUrl) &&
    html`<ul>${
      contact && html`<li><a href="${contact}">${t('footer_contact')}</a></li>`
    }${merchant.termsUrl && away(merchant.termsUrl, t('footer_terms'))}${
      merchant.privacyUrl && away(merchant.privacyUrl, t('footer_privacy'))
    }</ul>`
  }${!isPlain && html`<p>${t('footer_brand')}</p>`}</footer>`
}
