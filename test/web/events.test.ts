// What a page is given of a run is all of its events, as they were.

import { expect, test } from 'vitest'
import { viewerRunOf } from '../../src/report/index.ts'
import { eventsOf } from '../../web/viewer/model/events.ts'
import { htmlOf, runsOf } from './pages.ts'

test('the columns of a run give its events again', async () => {
  const [run] = await runsOf('04-locks/deadlock.drill')
  const carried = JSON.parse(JSON.stringify(viewerRunOf(run, '0.0.0')))
  expect(eventsOf(carried)).toEqual(run.events)
})

test('the page asks for nothing, and no text of a run ends its script', async () => {
  const [run] = await runsOf('04-locks/deadlock.drill')
  const events = [{ ...run.events[0], kind: 'note.shown' as const, text: '</script><script>alert(1)</script>' }]
  const html = await htmlOf([{ ...run, events }])
  expect(html).toContain("default-src 'none'")
  expect(html).not.toMatch(/(?:src|href)="?https?:/)
  expect(html).not.toContain('alert(1)</script>')
  expect(html).toContain('\\u003c/script>')
  const empty = await htmlOf([])
  expect(empty.length).toBeLessThan(1.5 * 1024 * 1024)
})
