// The servers' logs up to the playhead, the newest at the foot.

import { useEffect, useRef } from 'preact/hooks'
import { formatMoment } from '../../../src/model/format.ts'
import type { PanelProps } from './inspector.tsx'

/** As many as a person may want to scroll back. */
const most = 400

export function Log({ view }: PanelProps) {
  const { model, playhead } = view
  const end = useRef<HTMLDivElement>(null)
  const lines = model.log.filter(({ time }) => time <= playhead).slice(-most)
  const last = lines.at(-1)?.sequence
  useEffect(() => {
    end.current?.scrollIntoView({ block: 'nearest' })
  }, [last])
  return (
    <div class="pgv-log">
      {lines.map(({ sequence, time, node, pid, level, message, detail, hint, statement }) => (
        <p key={sequence} class={level.toLowerCase()}>
          <time>{formatMoment(time)}</time> {model.nodes.length > 1 ? `${node} ` : ''}[{pid}] <b>{level}:</b> {message}
          {detail && <small>DETAIL: {detail}</small>}
          {hint && <small>HINT: {hint}</small>}
          {statement && <small>STATEMENT: {statement}</small>}
        </p>
      ))}
      <div ref={end} />
    </div>
  )
}
