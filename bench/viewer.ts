// The viewer with 300,000 events: how long until its first picture, and how many pictures a second while it scrolls and
// zooms through them, in the browser of the tests. Prints rows as JSON; none where there is no browser.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { viewerPage } from '../scripts/viewer.js'
import { formats, plain, type ReportedRun, type TraceEvent } from '../src/index.ts'
import { hasBrowser, openBrowser, openPage } from '../test/web/harness.ts'

const wanted = 300_000
const clients = 32
const moves = 120

/** Backends that run short transactions, one after the other: titles, waits, flushes, acknowledgements. */
function busyRun(): ReportedRun {
  const events: TraceEvent[] = []
  const tell = (time: number, kind: string, more: object) => {
    events.push({ time, sequence: events.length + 1, kind, node: 'primary', ...more } as unknown as TraceEvent)
  }
  tell(0, 'process.started', { pid: 100, process: 'postmaster', type: 'postmaster', parent: 1 })
  tell(0, 'node.accepting', { pid: 100, process: 'postmaster', writable: true })
  for (let index = 0; index < clients; index++) {
    tell(index, 'process.started', { pid: 110 + index, process: 'backend', type: 'backend', parent: 100 })
    tell(index, 'client.connected', { client: 'app', index, backend: 110 + index, again: false })
  }
  for (let time = 1000; events.length < wanted; time += 40_000) {
    const index = (time / 1000) % clients
    const place = { pid: 110 + index, process: 'backend' }
    const titled = (after: number, command: string) =>
      tell(time + after, 'process.titled', {
        ...place,
        type: 'backend',
        title: `postgres: postgres postgres app[${index}](32800) ${command}`,
      })
    titled(0, 'UPDATE')
    titled(9000, 'COMMIT')
    tell(time + 12_000, 'process.waiting', { ...place, wait_event_type: 'IO', wait_event: 'WalSync' })
    tell(time + 30_000, 'process.waiting', place)
    tell(time + 31_000, 'wal.flushed', { ...place, lsn: 30_000_000 + time, bytes: 160 })
    tell(time + 32_000, 'client.acknowledged', { client: 'app', index, xid: 700 + time / 1000, latency: 32_000 })
    titled(33_000, 'idle')
  }
  const source = { name: 'bench.drill', text: '' }
  const scenario = { title: 'Busy', source, postgres: 17, variant: {} } as unknown as ReportedRun['scenario']
  const endedAt = events.at(-1)!.time
  return { scenario, engine: 'simulated', seed: 1, events, verdicts: [], endedAt, eventCount: events.length }
}

/** Runs in the page: every picture moves the stretch; gives pictures a second. */
const scrolling = (act: string) => `new Promise(done => {
  const { view } = window.viewer
  view.show(0, view.model.end * 0.3)
  let left = ${moves}
  const begun = performance.now()
  const turn = () => {
    if (left-- === 0) return done(${moves} / (performance.now() - begun) * 1000)
    ${act}
    requestAnimationFrame(turn)
  }
  requestAnimationFrame(turn)
})`

async function measure(): Promise<readonly (readonly [string, string, string])[]> {
  if (!hasBrowser) return []
  const folder = mkdtempSync(join(tmpdir(), 'pgdrill-bench-'))
  const browser = await openBrowser()
  try {
    const page = await viewerPage()
    const options = { version: '', detail: 'lifecycle', styles: plain, width: 100, viewerPage: () => page } as const
    const file = join(folder, 'run.html')
    writeFileSync(file, [...formats.html.write([busyRun()], options)].join(''))
    const begun = performance.now()
    const opened = await openPage(browser, `file://${file}`)
    await opened.page.waitForFunction('document.documentElement.dataset.opened !== undefined')
    const opening = performance.now() - begun
    const panning = (await opened.page.evaluate(scrolling('view.pan(0.02)'))) as number
    const zooming = (await opened.page.evaluate(scrolling('view.zoom(0.93, view.model.end / 7)'))) as number
    return [
      ['viewer, 300,000 events: opens in', `${(opening / 1000).toFixed(2)} s`, '(aim: 3 s)'],
      ['viewer, 300,000 events: scrolls at', `${panning.toFixed(0)}/s`, '(aim: 30 pictures a second)'],
      ['viewer, 300,000 events: zooms at', `${zooming.toFixed(0)}/s`, '(aim: 30 pictures a second)'],
    ]
  } finally {
    await browser.close()
    rmSync(folder, { recursive: true, force: true })
  }
}

console.log(JSON.stringify(await measure()))
