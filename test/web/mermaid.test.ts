// The diagrams, rendered by Mermaid itself in a real browser.

import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { formats, plain, type ReportedRun } from '../../src/index.ts'
import { play } from '../playing.ts'
import { killBackendRun } from '../report/kill-backend.ts'
import { hasBrowser, openBrowser, openPage } from './harness.ts'

const options = { version: '0', detail: 'lifecycle', styles: plain, width: 120 } as const

interface Mermaid {
  initialize(options: object): void
  render(id: string, text: string): Promise<{ readonly svg: string }>
}

describe.skipIf(!hasBrowser)('Mermaid renders', () => {
  let browser: Browser

  beforeAll(async () => {
    browser = await openBrowser()
  })
  afterAll(() => browser?.close())

  /** The words that the picture shows. */
  async function rendered(runs: readonly ReportedRun[]): Promise<string> {
    const { page, complaints } = await openPage(browser, 'about:blank')
    await page.addScriptTag({ path: 'node_modules/mermaid/dist/mermaid.min.js' })
    const svg = await page.evaluate(
      async diagram => {
        const { mermaid } = globalThis as unknown as { mermaid: Mermaid }
        mermaid.initialize({ startOnLoad: false })
        return (await mermaid.render('diagram', diagram)).svg
      },
      [...formats.mermaid.write(runs, options)].join(''),
    )
    await page.setContent(svg)
    const text = await page.textContent('svg')
    expect(complaints).toEqual([])
    await page.context().close()
    return text ?? ''
  }

  test('a crash', async () => {
    const runs = await play('scenarios/02-crash/kill-backend.drill', undefined, { wants: formats.mermaid.needs })
    const text = await rendered(runs)
    expect(text).toContain('⚡ kill -9 backend 107 of teller[0]')
    expect(text).toContain('SIGQUIT ×7')
    expect(text).toMatch(/\d,\d{3} commits/)
    expect(text).toContain('autovacuum launcher')
  })

  test('permutations with SQL, one after the other', async () => {
    const runs = await play('scenarios/04-locks/deadlock.drill', undefined, { wants: formats.mermaid.needs })
    const text = await rendered(runs)
    for (const { permutation } of runs) expect(text).toContain(permutation)
    expect(text).toContain('deadlock detected')
  })

  test('letters that mean something to Mermaid', async () => {
    const run = killBackendRun()
    const odd = 'end; a # b <b>c</b> & "d" %% e: f -->> g {h}'
    const note = { time: 6e9, sequence: 1, kind: 'note.shown' as const, text: odd }
    const text = await rendered([{ ...run, scenario: { ...run.scenario, title: odd }, events: [...run.events, note] }])
    expect(text.split(odd)).toHaveLength(3)
  })
})
