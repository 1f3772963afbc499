import { existsSync } from 'node:fs'
import { chromium } from 'playwright-core'

const USUAL_PLACES: Partial<Record<NodeJS.Platform, readonly string[]>> = {
  linux: [
    '/usr/bin/chromium',
    '/usr/bin/chromium-browser',
    '/usr/bin/google-chrome-stable',
    '/usr/bin/google-chrome',
    '/snap/bin/chromium',
  ],
  darwin: [
    '/Applications/Chromium.app/Contents/MacOS/Chromium',
    '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  ],
}

/** The Chromium that tests drive: `CHROMIUM_PATH`, else one that the machine or Playwright has. */
export function findBrowser(): string | undefined {
  const places = [process.env.CHROMIUM_PATH, ...(USUAL_PLACES[process.platform] ?? []), chromium.executablePath()]
  return places.find((place) => place && existsSync(place))
}

/** @throws when there is none, with what to do */
export function requireBrowser(): string {
  const found = findBrowser()
  if (found === undefined) throw new Error('no Chromium found; install one, or set CHROMIUM_PATH to its program')
  return found
}
