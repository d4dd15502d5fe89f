// The viewer in a real browser, on five runs of the course: lanes, playhead, inspector, following a cause, both themes,
// and nothing to complain about on the console.

import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { View } from '../../web/viewer/view.ts'
import { hasBrowser, openBrowser, openPage } from './harness.ts'
import { writtenPage } from './pages.ts'

/** What page.ts leaves for whoever looks into the page from outside. */
declare const viewer: { readonly view: View }

const runs = {
  'kill-backend': '02-crash/kill-backend.drill',
  failover: '03-replication/failover.yaml',
  'lock-queue': '04-locks/lock-queue-behind-alter-table.drill',
  'checkpoint-spike': '08-checkpoints/checkpoint-spike-and-its-cure.drill',
  autovacuum: '05-vacuum/starved.drill',
} as const

const patience = 180_000

describe.skipIf(!hasBrowser)('the viewer', () => {
  let browser: Browser
  const pages = new Map<string, string>()

  beforeAll(async () => {
    browser = await openBrowser()
  }, patience)
  afterAll(() => browser?.close())

  async function opened(name: keyof typeof runs, theme: 'light' | 'dark' = 'light') {
    if (!pages.has(name)) pages.set(name, await writtenPage(runs[name]))
    const { page, complaints } = await openPage(browser, pages.get(name)!, { theme })
    await page.waitForFunction('document.documentElement.dataset.opened !== undefined')
    return { page, complaints }
  }

  const lanesOf = (page: Page) => page.evaluate(() => viewer.view.model.lanes.map(({ label }) => label))
  // As text: the names of a browser's things are not known here.
  const textOf = (page: Page, selector: string): Promise<string> =>
    page.evaluate(`document.querySelector('${selector}').innerText`)
  const panel = (page: Page) => textOf(page, '.pgv-panel')
  const timeOf = (page: Page) => textOf(page, '.pgv-time')

  /** How many different colours the canvas of the lanes shows: an empty one has one. */
  const coloursOf = (page: Page): Promise<number> =>
    page.evaluate(`{
      const canvas = document.querySelector('.pgv-lanes canvas')
      const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height)
      new Set(new Uint32Array(data.buffer)).size
    }`)

  test.each(Object.keys(runs) as (keyof typeof runs)[])(
    '%s opens in both themes without a complaint',
    async name => {
      for (const theme of ['light', 'dark'] as const) {
        const { page, complaints } = await opened(name, theme)
        expect(await page.locator('.pgv').getAttribute('data-theme')).toBe(theme)
        await expect.poll(() => coloursOf(page)).toBeGreaterThan(10)
        expect(await lanesOf(page)).toEqual(expect.arrayContaining(['postmaster', 'checkpointer', 'backend']))
        for (const key of '12345678') {
          await page.keyboard.press(key)
          expect(await panel(page)).not.toBe('')
        }
        expect(complaints).toEqual([])
        await page.context().close()
      }
    },
    patience,
  )

  test(
    'kill-backend: the playhead goes where it is sent, and the inspector follows',
    async () => {
      const { page, complaints } = await opened('kill-backend')
      const time = () => timeOf(page)
      await expect.poll(time).toBe('5.000 000 s')
      expect((await lanesOf(page)).filter(label => label.startsWith('teller'))).toHaveLength(8)
      // The first picture says who is served by whom, and that nothing was lost.
      const served = await page.evaluate(() =>
        viewer.view.model.lanes.filter(({ type }) => type === 'backend').map(({ lives }) => lives[0].client?.label),
      )
      expect(served).toEqual(Array.from({ length: 8 }, (_, index) => `teller[${index}]`))
      expect(await textOf(page, '.pgv-outcomes')).toMatch(
        /✓ no acknowledged commit is lost\s+([\d,]+) acknowledged, \1 there/,
      )
      expect(await textOf(page, '.pgv-outcomes')).toMatch(/RPO\s*0 s: .*RTO\s*\d+ ms: from 5\.000 004/s)

      await page.keyboard.press('2')
      await expect.poll(() => panel(page)).toContain('teller[1]')
      await page.evaluate(() => viewer.view.goTo(5_050_000_000))
      await expect.poll(time).toBe('5.050 000 s')
      await expect.poll(() => panel(page)).toContain('postgres: startup')
      expect(await panel(page)).not.toContain('teller')

      await page.keyboard.press('ArrowRight')
      await expect.poll(time).toMatch(/^5\.072 \d{3} s$/)
      await page.keyboard.press('7')
      await expect.poll(() => panel(page)).toContain('automatic recovery in progress')
      expect(await panel(page)).not.toContain('redo done')

      await page.keyboard.press('Space')
      await expect.poll(time).not.toMatch(/^5\.072 /)
      await page.keyboard.press('Space')
      expect(complaints).toEqual([])
    },
    patience,
  )

  test(
    'kill-backend: why a client has no connection leads back to the fault',
    async () => {
      const { page, complaints } = await opened('kill-backend')
      const at = await page.evaluate(() => {
        const { model } = viewer.view
        return model.lanes.findIndex(({ label }) => label === 'teller[3]')
      })
      await page.evaluate(lane => viewer.view.change({ selection: { lane, time: 5_050_000_000 } }), at)
      const why = page.locator('.pgv-why li')
      await expect.poll(() => why.count()).toBeGreaterThan(3)
      const texts = await why.allTextContents()
      expect(texts[1]).toContain('server closed the connection')
      expect(texts.join('\n')).toMatch(/SIGQUIT to backend[\s\S]*terminated by signal 9[\s\S]*kill -9 backend/)
      await why.last().locator('button').click()
      await expect.poll(() => timeOf(page)).toBe('5.000 000 s')
      expect(complaints).toEqual([])
    },
    patience,
  )

  test(
    'a click on a bar selects it; lock-queue: the queue leads to the reader that is idle',
    async () => {
      const { page, complaints } = await opened('lock-queue')
      expect(await page.locator('#choice select option').count()).toBe(3)
      expect(await textOf(page, '.pgv-head')).toContain('stuck')
      const canvas = await page.locator('.pgv-lanes canvas').boundingBox()
      // The lane of the visitor, near the end of its wait.
      await page.mouse.click(canvas!.x + canvas!.width - 120, canvas!.y + 155)
      await expect.poll(() => page.locator('.pgv-why').count()).toBe(1)
      const why = await textOf(page, '.pgv-why')
      expect(why).toContain('visitor')
      expect(why).toMatch(
        /waits for migration[\s\S]*held by 108[\s\S]*held by 107[\s\S]*idle in transaction[\s\S]*r_read/,
      )
      await page.keyboard.press('3')
      await expect.poll(() => panel(page)).toContain('109 waits for 108')
      await expect.poll(() => panel(page)).toContain('AccessExclusiveLock on account')
      await page.keyboard.press('5')
      await expect.poll(() => panel(page)).toContain('1, 100')
      expect(complaints).toEqual([])
    },
    patience,
  )

  test(
    'failover: positions and segments; zoom down to microseconds and out again',
    async () => {
      const { page, complaints } = await opened('failover')
      await page.keyboard.press('6')
      await expect.poll(() => panel(page)).toMatch(/s1\s+streaming, quorum/)
      await expect.poll(() => panel(page)).toContain('000000010000000000000002')
      expect(await page.locator('.pgv-strips .uplot').count()).toBe(3)
      for (let turn = 0; turn < 60; turn++) await page.keyboard.press('w')
      const span = () => page.evaluate(() => viewer.view.to - viewer.view.from)
      await expect.poll(span).toBeLessThan(1000)
      await page.keyboard.press('0')
      await expect.poll(span).toBeGreaterThan(29e9)
      expect(complaints).toEqual([])
    },
    patience,
  )
})
