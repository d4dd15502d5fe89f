// The side: why the selected thing happened, and what the servers look like at the playhead, one thing at a time.

import type { ComponentType } from 'preact'
import { type Tab, tabs, type View } from '../view.ts'
import { Buffers } from './buffers.tsx'
import { Locks } from './locks.tsx'
import { Log } from './log.tsx'
import { Page } from './page.tsx'
import { Processes } from './processes.tsx'
import { ScenarioText } from './scenario-text.tsx'
import { Story } from './story.tsx'
import { useView } from './use-view.ts'
import { Wal } from './wal.tsx'
import { Why } from './why.tsx'

export interface PanelProps {
  readonly view: View
}

const panels: Readonly<Record<Tab, ComponentType<PanelProps>>> = {
  story: Story,
  processes: Processes,
  locks: Locks,
  buffers: Buffers,
  page: Page,
  wal: Wal,
  log: Log,
  scenario: ScenarioText,
}

export function Inspector({ view }: PanelProps) {
  useView(view)
  const Panel = panels[view.tab]
  return (
    <aside class="pgv-inspector">
      {view.selection && <Why view={view} />}
      <nav class="pgv-tabs">
        {tabs.map((tab, at) => (
          <button
            type="button"
            key={tab}
            title={`${tab} (${at + 1})`}
            aria-pressed={tab === view.tab}
            onClick={() => view.change({ tab })}
          >
            {tab}
          </button>
        ))}
      </nav>
      <section class="pgv-panel" key={view.tab}>
        <Panel view={view} />
      </section>
    </aside>
  )
}
