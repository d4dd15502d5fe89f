// How the page is laid out: the bar, at the left the editor with the knobs, at the right what was played.

import { useEffect, useRef, useState } from 'preact/hooks'
import type { Theme } from '../../viewer/index.ts'
import type { Studio } from '../studio.ts'
import { Bar } from './bar.tsx'
import { Knobs } from './knobs.tsx'
import { Outcome } from './outcome.tsx'

interface Properties {
  readonly studio: Studio
  /** The editor's element. */
  readonly place: HTMLElement
}

export function App({ studio, place }: Properties) {
  const [, redraw] = useState(0)
  const [theme, setTheme] = useState<Theme>(preferredTheme)
  const left = useRef<HTMLDivElement>(null)
  useEffect(() => studio.listen(() => redraw(count => count + 1)), [studio])
  useEffect(() => left.current!.prepend(place), [place])
  useEffect(() => {
    document.documentElement.dataset.theme = theme
  }, [theme])
  const { state } = studio
  return (
    <>
      <Bar studio={studio} state={state} theme={theme} setTheme={setTheme} />
      <main>
        <div class="left" ref={left}>
          <Knobs knobs={state.knobs} turn={(knob, text) => studio.turn(knob, text)} />
        </div>
        <Outcome state={state} theme={theme} setTheme={setTheme} show={run => studio.show(run)} />
      </main>
    </>
  )
}

function preferredTheme(): Theme {
  return matchMedia('(prefers-color-scheme: dark)').matches ? 'dark' : 'light'
}
