/**
 * 3-D Secure in the shopper's browser. Nothing here decides: whoever sends a message, and whatever it says, only makes
 * the page ask the server how the payment stands.
 */
import { browser } from './browser.ts'
import { follow } from './follow.ts'
import { byId, go } from './page.ts'

const DEVICE_CHECK_MS = 10_000
const FRAME_LOADS_MS = 15_000

/** Screen 6: a hidden frame says when it is done, or it takes too long; either way the payment goes on. */
export function checkDevice(): void {
  const frame = byId('device-frame') as HTMLIFrameElement
  const goOn = byId('go-on') as HTMLFormElement
  const url = frame.dataset.src ?? ''
  byId('bank').hidden = true
  let gone = false
  const leave = (): void => {
    if (!gone) goOn.submit()
    gone = true
  }
  onMessage(frame, new URL(url).origin, 'three_d_secure_method', leave)
  browser.after(DEVICE_CHECK_MS, leave)
  frame.src = url
}

/** Screen 7: the issuer's page in a frame as large as there is room for. */
export function showChallenge(): void {
  const frame = byId('bank-frame') as HTMLIFrameElement
  const form = byId('bank') as HTMLFormElement
  const title = byId('title')
  const ask = follow((state) => {
    if (state.screen === 'challenge') return false
    go(state.next ?? document.body.dataset.wait ?? location.href)
    return true
  })
  onMessage(frame, location.origin, 'three_d_secure_return', (page) => {
    if (page === ownPage()) ask()
  })

  tellSize(form, makeRoom(frame))
  form.hidden = true
  form.target = frame.name
  title.focus()
  offerWholePage(frame, form)
  frame.addEventListener('load', () => document.activeElement === title && frame.focus(), { once: true })
  form.submit()
}

/**
 * The same page without a frame, after a while in any case: a browser tells nobody that a frame shows its own page of
 * an error instead of the issuer's. At once where the issuer leads to a place that our policy keeps out.
 */
function offerWholePage(frame: HTMLIFrameElement, form: HTMLFormElement): void {
  let loaded = false
  const offer = (): void => {
    form.target = ''
    form.hidden = false
    // A page that is there may well be all right: the offer stands back.
    form.querySelector('button')?.classList.toggle('quiet', loaded)
    byId('slow').hidden = false
  }
  frame.addEventListener('load', () => {
    loaded = true
  })
  document.addEventListener('securitypolicyviolation', ({ effectiveDirective }) => {
    if (/^(frame-src|form-action)$/.test(effectiveDirective)) offer()
  })
  browser.after(FRAME_LOADS_MS, offer)
}

/** Inside the frame the page around it is told; on its own the page leads on by itself. */
export function leaveFrame(): void {
  const message = { type: 'three_d_secure_return', page: ownPage() }
  if (window.parent !== window) window.parent.postMessage(message, location.origin)
  const on = document.querySelector<HTMLAnchorElement>('.actions a:not([target])')
  if (on) location.replace(on.href)
}

/** This session's address without its query: nobody guesses it, so it tells our own frame from any other's. */
const ownPage = (): string | undefined => document.body.dataset.wait?.split('?')[0]

type Message = { readonly type?: unknown; readonly page?: unknown } | null

function onMessage(frame: HTMLIFrameElement, origin: string, type: string, act: (page: unknown) => void): void {
  window.addEventListener('message', ({ origin: from, source, data }: MessageEvent<Message>) => {
    if (from === origin && source === frame.contentWindow && data?.type === type) act(data.page)
  })
}

/** The windows of EMV 3-D Secure that fit the room there is; where none does, the whole screen. */
function makeRoom(frame: HTMLIFrameElement): string {
  const place = byId('challenge')
  const [width, height] = [place.clientWidth, window.innerHeight]
  const [size, w, h] =
    width >= 600 && height >= 400
      ? ['04', 600, 400]
      : width >= 500 && height >= 600
        ? ['03', 500, 600]
        : width >= 390
          ? ['02', 390, 400]
          : ['05', 0, 0]
  frame.hidden = false
  if (w > 0) {
    frame.width = String(w)
    frame.height = String(h)
  }
  // A phone that is turned may have less room than was announced.
  const fit = (): void => {
    if (w > 0 && place.clientWidth >= w) return
    place.classList.add('full')
    for (const around of document.querySelectorAll<HTMLElement>('header, footer, .skip')) around.inert = true
  }
  fit()
  window.addEventListener('resize', fit)
  return size
}

/** The request to the issuer's page names the window that it is shown in. One that cannot be read goes as it is. */
function tellSize(form: HTMLFormElement, size: string): void {
  const input = form.querySelector<HTMLInputElement>('input[name=creq]')
  try {
    if (!input) return
    const request = JSON.parse(atob(input.value.replace(/-/g, '+').replace(/_/g, '/')))
    const text = btoa(JSON.stringify({ ...request, challengeWindowSize: size }))
    input.value = text.replace(/\+/g, '-').replace(/\//g, '_').replace(/=+$/, '')
  } catch {
    // The issuer then fits its page to whatever frame it finds.
  }
}
