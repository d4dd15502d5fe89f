// The knobs: a value each, to be halved, doubled, chosen or written. Turning one changes the text.

import { type Knob, scaled } from '../knobs.ts'

interface Properties {
  readonly knobs: readonly Knob[]
  readonly turn: (knob: Knob, text: string) => void
}

export function Knobs({ knobs, turn }: Properties) {
  return (
    <details class="knobs" open>
      <summary>Knobs</summary>
      <div class="board">
        {knobs.map(knob => (
          // The number of its place tells two of one name apart.
          <div key={`${knob.label} ${knob.start}`} class="knob" title={knob.summary}>
            <span>{knob.label}</span>
            <Value knob={knob} turn={text => turn(knob, text)} />
          </div>
        ))}
      </div>
    </details>
  )
}

function Value({ knob, turn }: { readonly knob: Knob; readonly turn: (text: string) => void }) {
  if (knob.choices) {
    return (
      <select aria-label={knob.label} value={knob.text} onChange={event => turn(event.currentTarget.value)}>
        {knob.choices.map(choice => (
          <option key={choice}>{choice}</option>
        ))}
      </select>
    )
  }
  const [half, double] = [scaled(knob.text, 0.5), scaled(knob.text, 2)]
  return (
    <span class="value">
      {half !== undefined && (
        <button type="button" aria-label={`${knob.label} halved`} onClick={() => turn(half)}>
          ÷2
        </button>
      )}
      <input aria-label={knob.label} value={knob.text} size={8} onChange={event => turn(event.currentTarget.value)} />
      {double !== undefined && (
        <button type="button" aria-label={`${knob.label} doubled`} onClick={() => turn(double)}>
          ×2
        </button>
      )}
    </span>
  )
}
