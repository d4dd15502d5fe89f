// A real browser for tests: Debian's chromium, driven by playwright-core. Where there is none, tests are skipped, and say so.

import { existsSync } from 'node:fs'
import { type Browser, chromium, type Page } from 'playwright-core'

const executablePath = ['/usr/bin/chromium', '/usr/bin/chromium-browser'].find(existsSync)

export const hasBrowser = executablePath !== undefined
if (!hasBrowser) console.warn('chromium is missing: the tests in a browser are skipped')

const args = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
]

export async function openBrowser(): Promise<Browser> {
  return chromium.launch({ executablePath, headless: true, args })
}

export interface OpenedPage {
  readonly page: Page
  /** What the console and uncaught errors have said so far; requests beyond the page itself too. */
  readonly complaints: string[]
}

/** A page of its own, as wide as a small laptop's. `url`: of a file or a local server. */
export async function openPage(
  browser: Browser,
  url: string,
  { theme = 'light' }: { readonly theme?: 'light' | 'dark' } = {},
): Promise<OpenedPage> {
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, colorScheme: theme })
  const page = await context.newPage()
  const complaints: string[] = []
  page.on('console', message => {
    if (message.type() === 'error' || message.type() === 'warning') complaints.push(message.text())
  })
  page.on('pageerror', error => complaints.push(String(error)))
  page.on('requestfailed', request => complaints.push(`${request.url()} failed`))
  await page.goto(url)
  return { page, complaints }
}
