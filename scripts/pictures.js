// Takes the pictures of the documentation anew: the built pgdrill writes its pages, Debian's chromium opens them.
//
//   npm run build && npm run pictures

import { execFileSync, spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { chromium } from 'playwright-core'

/** Of the viewer: the lesson, and what is done on its page. Times are nanoseconds. */
const pages = {
  'kill-backend': { lesson: '02-crash/kill-backend.drill' },
  'kill-backend-dark': { lesson: '02-crash/kill-backend.drill', theme: 'dark' },
  'lock-queue': {
    lesson: '04-locks/lock-queue-behind-alter-table.drill',
    act: async page => {
      const canvas = await page.locator('.pgv-lanes canvas').boundingBox()
      await page.mouse.click(canvas.x + canvas.width - 120, canvas.y + 155)
      await page.mouse.move(canvas.x, canvas.y)
    },
  },
  failover: {
    lesson: '03-replication/failover.yaml',
    act: async page => {
      await page.evaluate(() => viewer.view.change({ playhead: 12_500_000_000 }))
      await page.keyboard.press('6')
    },
  },
  checkpoint: {
    lesson: '08-checkpoints/checkpoint-spike-and-its-cure.drill',
    act: async page => {
      await page.evaluate(() => viewer.view.show(9_500_000_000, 10_200_000_000))
      await page.evaluate(() => viewer.view.change({ playhead: 9_790_000_000 }))
      await page.keyboard.press('4')
    },
  },
}

const folder = mkdtempSync(join(tmpdir(), 'pgdrill-pictures-'))
const browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--no-sandbox', '--disable-gpu'] })
const studio = spawn(process.execPath, ['bin/run.js', 'studio'], { stdio: ['ignore', 'pipe', 'inherit'] })
try {
  for (const [name, { lesson, theme = 'light', act }] of Object.entries(pages)) {
    const out = join(folder, `${name}.html`)
    execFileSync(process.execPath, ['bin/run.js', 'run', `scenarios/${lesson}`, '--format', 'html', '--out', out])
    const page = await opened(`file://${out}`, theme)
    await page.waitForFunction('document.documentElement.dataset.opened !== undefined')
    await act?.(page)
    await taken(page, name)
  }
  const url = await new Promise(resolve => {
    studio.stdout.on('data', text => resolve(/http:\S+/.exec(text)?.[0]))
  })
  for (const theme of ['light', 'dark']) {
    const page = await opened(url, theme)
    await page.locator('.verdicts', { hasText: 'held' }).first().waitFor()
    await taken(page, `studio-${theme}`)
  }
} finally {
  studio.kill()
  await browser.close()
  rmSync(folder, { recursive: true })
}

async function opened(url, colorScheme) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, colorScheme })
  const page = await context.newPage()
  await page.goto(url)
  return page
}

/** What moves when it is drawn has come to rest after a second. */
async function taken(page, name) {
  await page.waitForTimeout(1000)
  await page.screenshot({ path: `docs/pictures/${name}.png` })
  await page.context().close()
}
