import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { progress } from '../../src/commands/support/progress.ts'
import type { TraceEvent } from '../../src/index.ts'

const events = (count: number): TraceEvent[] =>
  Array.from({ length: count }, (_, at) => ({
    time: at * 1e7,
    sequence: at + 1,
    kind: 'log.line',
    node: 'primary',
    level: 'LOG',
    message: `checkpoint starting: time\nand more`,
  }))

function terminal(isTTY: boolean) {
  const written: string[] = []
  return { written, output: { isTTY, columns: 80, write: (text: string) => written.push(text) > 0 } }
}

beforeEach(() => vi.stubEnv('CI', ''))
afterEach(() => vi.unstubAllEnvs())

/** Every look at the watch is a tenth of a second after the last. */
function watch(): () => number {
  let now = 0
  return () => {
    now += 0.1e9
    return now
  }
}

test('a long run tells how far it is, how fast, and what is happening', () => {
  const { written, output } = terminal(true)
  const line = progress(output as never, watch())
  line.tell('a.drill')
  for (const event of events(10_000)) line.take(event)
  expect(written.at(-1)?.slice('\r\x1b[K'.length)).toMatch(
    /^a\.drill · \d+\.\d s played · \d+ × real time · primary: checkpoint starting: time$/,
  )
  line.end()
  expect(written.at(-1)).toBe('\r\x1b[K')
})

test('what is over at once, is piped or runs in CI shows nothing', () => {
  const short = terminal(true)
  const line = progress(short.output as never, () => 0)
  line.tell('a.drill')
  for (const event of events(10_000)) line.take(event)
  line.end()
  expect(short.written).toEqual(['\r\x1b[K'])

  const shown = (isTTY: boolean) => {
    const { written, output } = terminal(isTTY)
    const line = progress(output as never, watch())
    line.tell('a.drill')
    for (const event of events(10_000)) line.take(event)
    line.end()
    return written
  }
  expect(shown(false)).toEqual([])
  vi.stubEnv('CI', 'true')
  expect(shown(true)).toEqual([])
})
