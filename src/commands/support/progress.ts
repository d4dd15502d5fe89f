// What is being played, on a terminal, while it takes seconds: one line that is written over, and gone at the end. A
// simulation does not give way to timers, so its own events show the line; between them, with real servers, a timer.

import type { TraceEvent } from '../../index.ts'
import { stopwatch } from './stopwatch.ts'

export interface Progress {
  /** Says what is played now. */
  tell(text: string): void
  /** Takes every event of what is played. */
  take(event: TraceEvent): void
  end(): void
}

const silent: Progress = { tell() {}, take() {}, end() {} }

/** A run that is over sooner needs no line. */
const patience = 0.5e9
const betweenLines = 0.1e9
/** How many events pass between two looks at the watch. */
const eventsPerLook = 256

type Output = Pick<NodeJS.WriteStream, 'isTTY' | 'columns' | 'write'>

/** `now` gives nanoseconds that only grow. */
export function progress(output: Output, now: () => number = stopwatch): Progress {
  if (!output.isTTY || process.env.CI) return silent
  let [what, begun, shownAt, events] = ['', now(), 0, 0]
  let newest: TraceEvent | undefined
  let news = ''
  const show = () => {
    shownAt = now()
    const took = (shownAt - begun) / 1e9
    if (took * 1e9 < patience) return
    const parts = [what, ...(newest ? virtual(newest.time, took) : [`${Math.floor(took)} s`]), news]
    const text = parts.filter(part => part !== '').join(' · ')
    output.write(`\r\x1b[K${text.slice(0, (output.columns ?? 80) - 1)}`)
  }
  const timer = setInterval(show, 1000)
  timer.unref()
  return {
    tell(text) {
      ;[what, begun, newest, news] = [text, now(), undefined, '']
    },
    take(event) {
      newest = event
      if (event.kind === 'log.line') news = `${event.node}: ${event.message.split('\n', 1)[0]}`
      else if (event.kind === 'fault.injected' || event.kind === 'order.given') news = event.text
      if (++events % eventsPerLook === 0 && now() - shownAt > betweenLines) show()
    },
    end() {
      clearInterval(timer)
      output.write('\r\x1b[K')
    },
  }
}

/** "42.1 s played, 84 × as fast as real time". */
function virtual(nanoseconds: number, took: number): string[] {
  const seconds = nanoseconds / 1e9
  const rate = seconds / took
  return [`${seconds.toFixed(1)} s played`, `${rate.toFixed(rate < 10 ? 1 : 0)} × real time`]
}
