import type { Authentication, BrowserFacts, ShopperAction, ThreeDSecureWish } from '../../core/three-d-secure.ts'

/** The order's part for the bank. A device is checked by a script, so a browser without one is not described. */
export function threeDSecureFields({ returnUrl, request, browser }: ThreeDSecureWish): Record<string, unknown> {
  return {
    return_url: returnUrl,
    request,
    ...(browser?.javascript ? { browser: browserFields(browser) } : {}),
  }
}

/** A header that the bank would refuse is left out: it comes from the shopper's machine and may be anything. */
function browserFields(browser: BrowserFacts): Record<string, unknown> {
  const { acceptHeader, userAgent, language } = browser
  const fields = {
    accept_header: acceptHeader !== undefined && PRINTABLE.test(acceptHeader) ? acceptHeader : undefined,
    user_agent: userAgent !== undefined && PRINTABLE.test(userAgent) ? userAgent : undefined,
    language: language !== undefined && /^[A-Za-z0-9-]{1,35}$/.test(language) ? language : undefined,
    color_depth: within(browser.colorDepth, 1, 99),
    screen_width: within(browser.screenWidth, 0, 999_999),
    screen_height: within(browser.screenHeight, 0, 999_999),
    time_zone_offset: within(browser.timeZoneOffset, -1440, 1440),
    javascript_enabled: true,
  }
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined))
}

const PRINTABLE = /^[\x20-\x7e]{1,2048}$/

function within(value: number | undefined, least: number, most: number): number | undefined {
  return value !== undefined && Number.isInteger(value) && value >= least && value <= most ? value : undefined
}

/** Undefined where it cannot be followed: the shopper's browser is sent to nothing that we cannot read. */
export function readAction(action: unknown): ShopperAction | undefined {
  if (!isRecord(action)) return undefined
  const { type, url, method_url: frameUrl, post } = action
  if (!isWebAddress(url) || !isFields(post)) return undefined
  if (type === 'challenge') return { type, url, fields: post }
  return type === 'method' && isWebAddress(frameUrl) ? { type: 'device_check', url, fields: post, frameUrl } : undefined
}

/** Undefined where no authentication took place, or none that can be read. */
export function readAuthentication(facts: unknown): Authentication | undefined {
  if (!isRecord(facts)) return undefined
  const { version, result, result_reason, flow, eci, transaction_id } = facts
  if (!isWord(version) || !isWord(result)) return undefined
  return {
    version,
    result,
    ...(isWord(result_reason) ? { reason: result_reason } : {}),
    ...(isWord(flow) ? { flow } : {}),
    ...(isWord(eci) ? { eci } : {}),
    ...(isWord(transaction_id) ? { transactionId: transaction_id } : {}),
  }
}

const isWord = (value: unknown): value is string => typeof value === 'string' && /^[\w.-]{1,64}$/.test(value)

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** Its origin is named in a policy: letters, digits, dots, hyphens, a port, and nothing that could say more there. */
function isWebAddress(value: unknown): value is string {
  if (typeof value !== 'string' || value.length > 2048) return false
  const url = URL.parse(value)
  return url !== null && /^https?:\/\/(?:[a-z0-9.-]+|\[[0-9a-f:]+\])(?::\d+)?$/.test(url.origin) && url.username === ''
}

function isFields(value: unknown): value is Readonly<Record<string, string>> {
  const entries = isRecord(value) ? Object.entries(value) : []
  return (
    isRecord(value) &&
    entries.length <= 10 &&
    entries.every(([name, text]) => isWord(name) && typeof text === 'string' && text.length <= 8192)
  )
}
