// What is selected, and why it happened: each line because of the next. The numbers stand on the picture too.

import { formatMoment } from '../../../src/model/format.ts'
import { whyOf } from '../model/why.ts'
import type { PanelProps } from './inspector.tsx'

export function Why({ view }: PanelProps) {
  const { model, selection } = view
  if (!selection) return null
  const steps = whyOf(model, selection)
  return (
    <section class="pgv-why" aria-label="Why">
      <h2>
        {steps.length > 1 ? 'Why?' : 'What is selected'}
        <button
          type="button"
          class="pgv-close"
          aria-label="Select nothing"
          onClick={() => view.change({ selection: undefined })}
        >
          ✕
        </button>
      </h2>
      <ol>
        {steps.map((step, at) => {
          const lane = step.lane === undefined ? undefined : model.lanes[step.lane]
          const life = lane?.lives.find(({ from, to }) => from <= step.time && step.time <= to)
          return (
            <li key={`${at} ${step.event}`}>
              <button type="button" onClick={() => view.goTo(step.time)}>
                <b>{at + 1}</b>
                <span>
                  <time>{formatMoment(Math.round(step.time))}</time>{' '}
                  {lane && (
                    <em>
                      {lane.kind === 'process' ? `${lane.group} ` : ''}
                      {lane.label} {life?.pid ?? ''}
                    </em>
                  )}{' '}
                  {step.text}
                </span>
              </button>
            </li>
          )
        })}
      </ol>
    </section>
  )
}
