// What came of each check, in one row over the picture: those that failed come first. A click leads to what decided it.
// Behind them stands what a crash or a failover has cost.

import type { View } from '../view.ts'
import { follow } from './story.tsx'

export function Outcomes({ view }: { readonly view: View }) {
  const { verdicts, measures } = view.model.run
  if (verdicts.length + measures.length === 0) return null
  const failedFirst = [...verdicts].sort((one, other) => Number(isHeld(one)) - Number(isHeld(other)))
  return (
    <ul class="pgv-outcomes">
      {failedFirst.map(verdict => (
        <li key={`${verdict.line} ${verdict.title}`} class={verdict.outcome}>
          <button
            type="button"
            title={`${verdict.title}: ${verdict.actual}`}
            onClick={() => follow(view, verdict.evidence.at(-1), verdict.at)}
          >
            {isHeld(verdict) ? '✓' : '✗'} {verdict.title}
            <small>{verdict.actual}</small>
          </button>
        </li>
      ))}
      {measures.map(({ name, phrase, more, at }) => (
        <li key={name}>
          <button type="button" title={[phrase, ...more].join('\n')} onClick={() => follow(view, undefined, at)}>
            {name}
            <small>{phrase}</small>
          </button>
        </li>
      ))}
    </ul>
  )
}

function isHeld({ outcome }: { readonly outcome: string }): boolean {
  return outcome === 'held'
}
