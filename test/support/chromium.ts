import { type Browser, type BrowserContext, chromium } from 'playwright-core'
import { requireBrowser } from './browser.ts'
import { LIMIT_MS } from './until.ts'

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
export async function launchChromium(): Promise<Browser> {
  const browser = await chromium.launch({ executablePath: requireBrowser(), args: FLAGS, timeout: LIMIT_MS })
  return browser.on('context', (context) => context.setDefaultTimeout(LIMIT_MS))
}

/** A browser on a profile folder, for settings that only a profile holds; closing the context ends it. */
export async function launchChromiumWithProfile(folder: string): Promise<BrowserContext> {
  const settings = { executablePath: requireBrowser(), args: FLAGS, timeout: LIMIT_MS }
  const context = await chromium.launchPersistentContext(folder, settings)
  context.setDefaultTimeout(LIMIT_MS)
  return context
}
