// The scenario as it was written.

import type { PanelProps } from './inspector.tsx'

export function ScenarioText({ view }: PanelProps) {
  const { run } = view.model
  return (
    <>
      <p class="pgv-none">{run.file}</p>
      <pre class="pgv-source">{run.source}</pre>
    </>
  )
}
