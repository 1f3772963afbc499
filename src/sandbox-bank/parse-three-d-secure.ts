import type { Asked } from './authentication.ts'
import { Fields } from './fields.ts'

export type ThreeDSecureOrder = Asked & {
  readonly returnUrl: string
  /** The browser is described well enough for a device check. What it said is not kept. */
  readonly hasBrowser: boolean
}

/** @throws Refusal naming the first field that is wrong */
export function parseThreeDSecure(value: unknown): ThreeDSecureOrder {
  const fields = new Fields(value, 'three_d_secure.', ['return_url', 'request', 'browser', 'stored'])
  const hasBrowser = !fields.absent('browser')
  if (hasBrowser) checkBrowser(fields.raw('browser'))
  return {
    returnUrl: fields.address('return_url'),
    request: fields.oneOf('request', ['automatic', 'any', 'challenge']),
    stored: fields.optionalBoolean('stored') ?? false,
    hasBrowser,
  }
}

/** The browser's data of EMV 3-D Secure 2.2.0, table A.1: checked, so that a merchant's mistake shows here first. */
function checkBrowser(value: unknown): void {
  const browser = new Fields(value, 'three_d_secure.browser.', [
    'accept_header',
    'user_agent',
    'language',
    'color_depth',
    'screen_width',
    'screen_height',
    'time_zone_offset',
    'java_enabled',
    'javascript_enabled',
    'ip',
  ])
  const printable = /^[\x20-\x7e]{1,2048}$/
  browser.optionalText('accept_header', printable, 'must be 1 to 2048 ASCII characters')
  browser.optionalText('user_agent', printable, 'must be 1 to 2048 ASCII characters')
  browser.optionalText('language', /^[A-Za-z0-9-]{1,35}$/, 'must be a language tag (BCP 47)')
  browser.optionalInteger('color_depth', 1, 99)
  browser.optionalInteger('screen_width', 0, 999_999)
  browser.optionalInteger('screen_height', 0, 999_999)
  browser.optionalInteger('time_zone_offset', -1440, 1440)
  browser.optionalBoolean('java_enabled')
  browser.optionalBoolean('javascript_enabled')
  browser.optionalText('ip', /^[0-9A-Fa-f.:]{2,45}$/, 'must be an IP address')
}
