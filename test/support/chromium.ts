import { type Browser, type BrowserContext, chromium } from 'playwright-core'
import { requireBrowser } from './browser.ts'

const FLAGS = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
]

/** One browser for a test file; the caller closes it. It talks to nobody on its own account. */
export function launchChromium(): Promise<Browser> {
  return chromium.launch({ executablePath: requireBrowser(), args: FLAGS })
}

/** A browser on a profile folder, for settings that only a profile holds; closing the context ends it. */
export function launchChromiumWithProfile(folder: string): Promise<BrowserContext> {
  return chromium.launchPersistentContext(folder, { executablePath: requireBrowser(), args: FLAGS })
}
