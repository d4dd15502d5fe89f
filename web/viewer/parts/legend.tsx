// What colours and shapes mean.

import { stateNames, states } from '../model/states.ts'

const marks: readonly (readonly [string, string, string])[] = [
  ['●', 'fork', 'starts'],
  ['✕', 'killed', 'ends'],
  ['❙', 'log', 'log line'],
  ['▲', 'error', 'error'],
  ['╻', 'commit', 'commit'],
]
const bands: readonly (readonly [string, string])[] = [
  ['checkpoint', 'checkpoint'],
  ['vacuum', 'vacuum'],
]
const arrows: readonly (readonly [string, string])[] = [
  ['fork', 'fork'],
  ['signal', 'signal'],
  ['lock', 'waits'],
  ['wal', 'WAL'],
]

export function Legend() {
  return (
    <div class="pgv-legend">
      {states
        .filter(state => state !== 'absent')
        .map(state => (
          <span key={state}>
            <i class={`pgv-swatch pgv-${state}`} />
            {stateNames[state]}
          </span>
        ))}
      {bands.map(([kind, text]) => (
        <span key={kind}>
          <i class={`pgv-swatch pgv-band-${kind}`} />
          {text}
        </span>
      ))}
      {marks.map(([sign, kind, text]) => (
        <span key={kind}>
          <b class={`pgv-sign pgv-${kind}`}>{sign}</b>
          {text}
        </span>
      ))}
      {arrows.map(([kind, text]) => (
        <span key={kind}>
          <b class={`pgv-arrow pgv-arrow-${kind}`}>→</b>
          {text}
        </span>
      ))}
    </div>
  )
}
