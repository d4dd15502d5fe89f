// The head: what was played and what came of it, and the controls of the playhead.

import { formatMoment, formatSeconds } from '../../../src/model/format.ts'
import type { View } from '../view.ts'
import { useView } from './use-view.ts'

export function Head({ view, help }: { readonly view: View; readonly help: () => void }) {
  useView(view)
  const { run } = view.model
  const failed = run.verdicts.filter(({ outcome }) => outcome !== 'held')
  const facts = [
    `PostgreSQL ${run.postgres}`,
    ...Object.entries(run.variant).map(([name, value]) => `${name} = ${value}`),
    ...(run.permutation === undefined ? [] : [run.permutation]),
    `seed ${run.seed}`,
    run.engine === 'simulated' ? 'simulated' : 'real servers',
  ]
  return (
    <header class="pgv-head">
      <div class="pgv-title">
        <h1>{run.title}</h1>
        <p>{facts.join(' · ')}</p>
      </div>
      <Verdicts total={run.verdicts.length} failed={failed.length} show={() => view.change({ tab: 'story' })} />
      <div class="pgv-controls">
        <Button title="The event before (←)" icon="back" click={() => view.toEvent(-1)} />
        <Button
          title="Play or stop (Space)"
          icon={view.isPlaying ? 'pause' : 'play'}
          click={() => view.change({ isPlaying: !view.isPlaying })}
        />
        <Button title="The next event (→)" icon="next" click={() => view.toEvent(1)} />
        <output class="pgv-time" title="Where the playhead stands, in seconds">
          {formatMoment(Math.round(view.playhead))} s
        </output>
        <span class="pgv-group">
          <Button title="Slower (<)" text="−" click={() => view.change({ speed: view.speed / 2 })} />
          <span class="pgv-speed" title="How much of the run passes in a second of playing">
            {formatSeconds(Math.max(1, Math.round(view.speed)))} / s
          </span>
          <Button title="Faster (>)" text="+" click={() => view.change({ speed: view.speed * 2 })} />
        </span>
        <span class="pgv-group">
          <Button title="To what the run turns on (F)" text="⚡ focus" click={() => view.show(...view.model.focus)} />
          <Button title="The whole run (0)" text="↔ all" click={() => view.show(0, view.model.end)} />
        </span>
        <Button
          title="Light or dark (T)"
          text={view.theme === 'light' ? '☾' : '☀'}
          click={() => view.change({ theme: view.theme === 'light' ? 'dark' : 'light' })}
        />
        <Button title="Help (?)" text="?" click={help} />
      </div>
    </header>
  )
}

function Verdicts({
  total,
  failed,
  show,
}: {
  readonly total: number
  readonly failed: number
  readonly show: () => void
}) {
  if (total === 0) return null
  const text =
    failed === 0
      ? `✓ ${total === 1 ? 'the check' : `all ${total} checks`} held`
      : `✗ ${failed} of ${total} checks failed`
  return (
    <button type="button" class={`pgv-verdict ${failed === 0 ? 'held' : 'failed'}`} onClick={show}>
      {text}
    </button>
  )
}

/** Drawn, because not every system has letters for them. */
const icons = {
  back: 'M3 2h2v10H3zM12 2v10L5.5 7z',
  play: 'M3 1.5v11L12.5 7z',
  pause: 'M3 2h3v10H3zM8 2h3v10H8z',
  next: 'M9 2h2v10H9zM2 2v10l6.5-5z',
} as const

interface ButtonProps {
  readonly title: string
  readonly text?: string
  readonly icon?: keyof typeof icons
  readonly click: () => void
}

function Button({ title, text, icon, click }: ButtonProps) {
  return (
    <button type="button" title={title} aria-label={title} onClick={click}>
      {text}
      {icon && (
        <svg width="14" height="14" viewBox="0 0 14 14" aria-hidden="true">
          <path d={icons[icon]} fill="currentColor" />
        </svg>
      )}
    </button>
  )
}
