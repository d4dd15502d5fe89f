// The bar above all: lessons, play and stop, what is going on, the other spelling, the link, the theme.

import type { Theme } from '../../viewer/index.ts'
import { rooms } from '../lessons.ts'
import type { State, Studio } from '../studio.ts'

interface Properties {
  readonly studio: Studio
  readonly state: State
  readonly theme: Theme
  readonly setTheme: (theme: Theme) => void
}

export function Bar({ studio, state, theme, setTheme }: Properties) {
  const other = /\.ya?ml$/.test(state.name) ? '.drill' : '.yaml'
  const first = state.diagnostics[0]
  return (
    <header class="bar">
      <strong>pgdrill studio</strong>
      <select aria-label="Lessons" value="" onChange={event => studio.openLesson(event.currentTarget.value)}>
        <option value="">Lessons…</option>
        {rooms.map(([room, lessons]) => (
          <optgroup key={room} label={room}>
            {lessons.map(({ path, title }) => (
              <option key={path} value={path}>
                {title}
                {path.endsWith('.yaml') ? ' (YAML)' : ''}
              </option>
            ))}
          </optgroup>
        ))}
      </select>
      {state.playing ? (
        <button type="button" class="stop" onClick={() => studio.stop()}>
          ■ Stop
        </button>
      ) : (
        <button type="button" class="play" title="Ctrl-Enter" onClick={() => void studio.play()}>
          ▶ Play
        </button>
      )}
      {first ? (
        <button type="button" class="status alarm" onClick={() => studio.goTo(first.span.start)}>
          ✗ {state.status}
        </button>
      ) : (
        <output class={state.alarm ? 'status alarm' : 'status'}>{state.status}</output>
      )}
      <span class="name">{state.name}</span>
      <button type="button" onClick={() => void studio.convert()}>
        to {other}
      </button>
      <button type="button" onClick={() => void studio.share()}>
        Share
      </button>
      <button
        type="button"
        aria-label={theme === 'dark' ? 'Light' : 'Dark'}
        onClick={() => setTheme(theme === 'dark' ? 'light' : 'dark')}
      >
        {theme === 'dark' ? '☀' : '☾'}
      </button>
    </header>
  )
}
