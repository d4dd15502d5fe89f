// The page's frame: what is shown above, the lanes with the strips under them, the inspector at the side.

import { useEffect, useRef, useState } from 'preact/hooks'
import { Chart } from '../chart.ts'
import type { Hit } from '../hits.ts'
import { onKey } from '../keys.ts'
import { play } from '../player.ts'
import type { View } from '../view.ts'
import { Head } from './head.tsx'
import { Help } from './help.tsx'
import { Inspector } from './inspector.tsx'
import { Legend } from './legend.tsx'
import { Outcomes } from './outcomes.tsx'
import { Overview } from './overview.tsx'
import { Strips } from './strips.tsx'

interface Tip {
  readonly hit: Hit
  readonly x: number
  readonly y: number
}

export function App({ view }: { readonly view: View }) {
  const root = useRef<HTMLDivElement>(null)
  const canvas = useRef<HTMLCanvasElement>(null)
  const [tip, setTip] = useState<Tip>()
  const [theme, setTheme] = useState(view.theme)
  const [helps, setHelps] = useState(false)
  useEffect(() => {
    const hovered = (hit: Hit | undefined, x: number, y: number) => setTip(hit && { hit, x, y })
    const chart = new Chart(canvas.current!, { view, hovered })
    const stops = [view.listen(() => setTheme(view.theme)), play(view)]
    const key = (event: KeyboardEvent) => onKey(event, view, () => setHelps(shown => !shown))
    root.current!.addEventListener('keydown', key)
    root.current!.focus()
    return () => {
      root.current?.removeEventListener('keydown', key)
      chart.destroy()
      for (const stop of stops) stop()
    }
  }, [view])
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: the keys of the whole viewer are heard here
    <div class="pgv" data-theme={theme} ref={root} tabIndex={0}>
      <Head view={view} help={() => setHelps(true)} />
      <Outcomes view={view} />
      <Overview view={view} />
      <div class="pgv-body">
        <div class="pgv-left">
          <div class="pgv-lanes">
            <canvas ref={canvas} aria-label="Lanes of processes over time" />
          </div>
          <Legend />
          <Strips view={view} />
        </div>
        <Inspector view={view} />
      </div>
      {tip && (
        <div class="pgv-tip" style={placeOf(tip, canvas.current!)}>
          {tip.hit.text}
        </div>
      )}
      {helps && <Help close={() => setHelps(false)} />}
    </div>
  )
}

/** Beside the mouse, and over the lanes alone. */
function placeOf({ x, y }: Tip, canvas: HTMLElement): { left: string; top: string } {
  return { left: `${Math.min(x + 14, canvas.getBoundingClientRect().right - 370)}px`, top: `${y + 18}px` }
}
