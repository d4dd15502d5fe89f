// What was played: which of its runs, as a picture or as text.

import { useEffect, useRef, useState } from 'preact/hooks'
import { mountViewer, type Theme, type Viewer, type ViewerRun } from '../../viewer/index.ts'
import type { PlayedRun } from '../protocol.ts'
import type { State } from '../studio.ts'

interface Properties {
  readonly state: State
  readonly theme: Theme
  readonly setTheme: (theme: Theme) => void
  readonly show: (run: number) => void
}

export function Outcome({ state, theme, setTheme, show }: Properties) {
  const [form, setForm] = useState<'picture' | 'timeline'>('picture')
  const run = state.runs[state.shown]
  return (
    <section class={state.playing ? 'outcome playing' : 'outcome'}>
      <nav>
        {(['picture', 'timeline'] as const).map(each => (
          <button key={each} type="button" aria-pressed={form === each} onClick={() => setForm(each)}>
            {each}
          </button>
        ))}
        {state.runs.length > 1 && (
          <select aria-label="Run" value={state.shown} onChange={event => show(Number(event.currentTarget.value))}>
            {state.runs.map((each, at) => (
              <option key={each.name} value={at}>
                {each.failed > 0 ? '✗' : '✓'} {each.name}
              </option>
            ))}
          </select>
        )}
        {run && <Verdicts run={run} />}
      </nav>
      {run && form === 'picture' && <Picture run={run.viewer} theme={theme} setTheme={setTheme} />}
      {run && form === 'timeline' && <pre class="timeline">{run.timeline}</pre>}
    </section>
  )
}

function Verdicts({ run }: { readonly run: PlayedRun }) {
  return (
    <span class={run.failed > 0 ? 'verdicts alarm' : 'verdicts'}>
      {run.failed > 0 ? `✗ ${run.failed} failed` : `✓ ${run.held} held`}
    </span>
  )
}

interface PictureProperties {
  readonly run: ViewerRun
  readonly theme: Theme
  readonly setTheme: (theme: Theme) => void
}

/** The viewer draws by itself: it is put in for each run, and told of the theme. */
function Picture({ run, theme, setTheme }: PictureProperties) {
  const place = useRef<HTMLDivElement>(null)
  const viewer = useRef<Viewer | undefined>(undefined)
  useEffect(() => {
    const mounted = mountViewer(place.current!, run, { theme, themeChanged: setTheme })
    viewer.current = mounted
    return () => mounted.destroy()
    // A change of the theme is told below: the run stays as the person has turned it.
  }, [run])
  useEffect(() => viewer.current?.setTheme(theme), [theme])
  return <div class="picture" ref={place} />
}
