// The playground in a real browser, as `pgdrill studio` serves it.

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type StudioServer, serveStudio } from '../../src/commands/support/studio-server.ts'
import { hashOf } from '../../web/studio/link.ts'
import { hasBrowser, openBrowser, openPage } from './harness.ts'

const small = `drill "Small"
seed 1
node primary { shared_buffers = 16MB; fsync = on }
setup on primary $$ create table t (id int); $$
client c times 2 on primary every 100ms $$ insert into t values (1); $$
at 200ms note "half way"
ends 400ms
at end expect "rows are there" that query(primary, $$select count(*) > 1 from t$$)
`

describe.skipIf(!hasBrowser)('the playground', () => {
  let browser: Browser
  let server: StudioServer
  const folder = mkdtempSync(join(tmpdir(), 'pgdrill-studio-'))

  beforeAll(async () => {
    const { buildStudio } = await import('../../scripts/studio.js' as string)
    await buildStudio(folder)
    server = await serveStudio(folder, 0)
    browser = await openBrowser()
  }, 120_000)
  afterAll(async () => {
    await browser?.close()
    await server?.close()
    rmSync(folder, { recursive: true })
  })

  async function open(text = small, name = 'small.drill') {
    const opened = await openPage(browser, server.url + (await hashOf({ name, text })))
    return { ...opened, status: () => opened.page.textContent('.status') }
  }

  const shows = (page: Page, selector: string, text: string | RegExp) =>
    page.locator(selector, { hasText: text }).first().waitFor()
  const held = (page: Page) => shows(page, '.verdicts', '✓ 1 held')

  async function timeline(page: Page): Promise<string> {
    await held(page)
    await page.click('nav >> text=timeline')
    return (await page.textContent('pre.timeline'))!
  }

  /** Puts the cursor at the end of a line, and types. */
  async function typeAfter(page: Page, line: string, text: string): Promise<void> {
    await page.click(`.cm-line:has-text('${line}')`)
    await page.keyboard.press('End')
    await page.keyboard.type(text)
  }

  test('opens with a lesson, plays it, and complains of nothing', async () => {
    const { page, complaints } = await openPage(browser, server.url)
    const asked: string[] = []
    page.on('request', request => asked.push(request.url()))
    await page.waitForSelector('.picture canvas')
    expect(await page.textContent('.verdicts')).toBe('✓ 5 held')
    expect(await page.textContent('.cm-content')).toContain('A killed backend takes every session down')
    expect(await page.locator('select[aria-label=Lessons] option').count()).toBeGreaterThan(30)
    expect(complaints).toEqual([])
    expect(asked.filter(url => !url.startsWith(server.url) && !url.startsWith('data:'))).toEqual([])
    await page.context().close()
  })

  test('an edit changes the timeline, and so does a knob', async () => {
    const { page, complaints } = await open()
    expect(await timeline(page)).toContain('half way')
    await typeAfter(page, 'half way', '\nat 300ms note "nearly there"')
    await shows(page, 'pre.timeline', '0.300 000  ✎ note')
    expect(await page.textContent('pre.timeline')).toContain('×2  ')
    await page.click('[aria-label="c times doubled"]')
    await shows(page, 'pre.timeline', '×4')
    expect(await page.textContent('.cm-content')).toContain('client c times 4')
    await page.selectOption('select[aria-label="primary.fsync"]', 'off')
    await shows(page, '.cm-content', 'fsync = off')
    expect(complaints).toEqual([])
    await page.context().close()
  })

  test('what is wrong shows as one types, and goes when it is mended', async () => {
    const { page, status } = await open()
    await held(page)
    await typeAfter(page, 'half way', '\nat 300ms kil backend of c[0] with KILL')
    await page.waitForSelector('.cm-lintRange-error')
    expect(await status()).toContain('kil')
    await page.hover('.cm-lintRange-error')
    await page.waitForSelector('.cm-tooltip-lint')
    expect(await page.textContent('.cm-tooltip-lint')).toContain('kill')
    for (let letter = 0; letter < ' backend of c[0] with KILL'.length; letter++) await page.keyboard.press('ArrowLeft')
    await page.keyboard.type('l')
    await page.locator('.cm-lintRange-error').first().waitFor({ state: 'detached' })
    await page.context().close()
  })

  test('completion knows words, parameters, settings, properties and the names of the text', async () => {
    const { page } = await open()
    await held(page)
    const offered = async (line: string, text: string) => {
      await typeAfter(page, line, text)
      await page.waitForSelector('.cm-tooltip-autocomplete li')
      const labels = await page.locator('.cm-tooltip-autocomplete .cm-completionLabel').allTextContents()
      await page.keyboard.press('Escape')
      return labels
    }
    expect(await offered('half way', '\nat 300ms ki')).toContain('kill')
    expect(await offered('at 300ms ki', 'll backend of c[0] wi')).toContain('with')
    expect(await offered('kill backend', 'th KI')).toContain('KILL')
    expect(await offered('kill backend', '\nnode second { checkpoint_ti')).toContain('checkpoint_timeout')
    expect(await offered('node second', '\nexpect "x" that prim')).toContain('primary')
    expect(await offered('expect "x"', 'ary.acce')).toContain('accepting')
    await page.context().close()
  })

  test('a link carries the scenario, and restores it', async () => {
    const { page } = await open()
    await timeline(page)
    await typeAfter(page, 'half way', '\nat 300ms note "naïve ⚡ “quotes”"')
    await shows(page, 'pre.timeline', '“quotes”')
    await page.click('button:has-text("Share")')
    await shows(page, '.status', 'the link is in')
    const again = await openPage(browser, page.url())
    expect(page.url()).not.toContain('ï')
    expect(await timeline(again.page)).toContain('naïve ⚡ “quotes”')
    expect(again.complaints).toEqual([])
    expect(await again.page.textContent('.cm-content')).toBe(await page.textContent('.cm-content'))
    await page.context().close()
    await again.page.context().close()
  })

  test('a broken link opens a lesson', async () => {
    const { page, complaints } = await openPage(browser, `${server.url}#scenario=not-packed`)
    await page.waitForSelector('.cm-line')
    expect(await page.textContent('.cm-content')).toContain('A killed backend')
    expect(complaints).toEqual([])
    await page.context().close()
  })

  test('what takes for ever is stopped, and the next plays', async () => {
    const { page, status } = await open(small.replace('ends 400ms', 'ends 100h').replace('every 100ms', 'every 1ms'))
    await shows(page, '.status', / s played$/)
    await page.click('button.stop')
    expect(await status()).toBe('stopped')
    await page.click(".cm-line:has-text('ends 100h')")
    await page.keyboard.press('End')
    for (let letter = 0; letter < '100h'.length; letter++) await page.keyboard.press('Backspace')
    await page.keyboard.type('400ms')
    await shows(page, '.status', 'Ctrl-Enter')
    await page.keyboard.press('Control+Enter')
    await held(page)
    await page.context().close()
  })

  test('one spelling becomes the other, and back', async () => {
    const { page } = await open()
    await held(page)
    await page.click('button:has-text("to .yaml")')
    await shows(page, '.cm-content', /^drill: Small/)
    await held(page)
    await page.click('button:has-text("to .drill")')
    await shows(page, '.cm-content', /^drill "Small"/)
    await page.context().close()
  })

  test('the page may speak to nobody', async () => {
    const { page } = await open()
    const refused = await page.evaluate(
      url =>
        fetch(url).then(
          () => false,
          () => true,
        ),
      server.url,
    )
    expect(refused).toBe(true)
    await page.context().close()
  })
})
