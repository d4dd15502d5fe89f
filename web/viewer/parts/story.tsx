// The text timeline beside the picture: what is new gets a line, what repeats is summed up. The lines up to the playhead
// are told, the others are still to come; under them the checks.

import { useEffect, useRef } from 'preact/hooks'
import { formatMoment } from '../../../src/model/format.ts'
import type { View } from '../view.ts'
import type { PanelProps } from './inspector.tsx'

export function Story({ view }: PanelProps) {
  const { run } = view.model
  const list = useRef<HTMLOListElement>(null)
  const told = run.story.findLastIndex(({ time }) => time !== undefined && time <= view.playhead + 0.5)
  useEffect(() => {
    const item = list.current?.children[told] as HTMLElement | undefined
    const panel = list.current?.parentElement
    if (item && panel) panel.scrollTop = item.offsetTop - panel.clientHeight / 2
  }, [told])
  return (
    <>
      <ol class="pgv-story" ref={list}>
        {run.story.map((line, at) => (
          <li key={line.from} class={`${line.tone} ${at > told ? 'later' : ''} ${at === told ? 'now' : ''}`}>
            <button type="button" onClick={() => follow(view, line.from, line.time)}>
              <time>{line.time === undefined ? '…' : formatMoment(line.time)}</time>
              <span>
                <em>{[line.who, line.process].filter(Boolean).join(' ')}</em> {line.text}
                {line.more.map(more => (
                  <small key={more}>{more}</small>
                ))}
              </span>
            </button>
          </li>
        ))}
      </ol>
      {run.verdicts.length > 0 && <h3>Checks</h3>}
      <ul class="pgv-checks">
        {run.verdicts.map(verdict => (
          <li key={`${verdict.line} ${verdict.title}`} class={verdict.outcome}>
            <button type="button" onClick={() => follow(view, verdict.evidence.at(-1), verdict.at)}>
              <b>{verdict.outcome === 'held' ? '✓' : '✗'}</b>
              <span>
                {verdict.title}
                <small>
                  {verdict.outcome === 'held' ? verdict.actual : `expected ${verdict.expected}; ${verdict.actual}`}
                </small>
              </span>
            </button>
          </li>
        ))}
      </ul>
    </>
  )
}

/** Selects the event with that sequence number, and goes to the moment. */
export function follow(view: View, sequence: number | undefined, time: number | undefined): void {
  const event = view.model.placeOf(sequence)
  view.change({ selection: event === undefined ? undefined : { event } })
  const at = time ?? (event === undefined ? undefined : view.model.times[event])
  if (at !== undefined) view.goTo(at)
}
