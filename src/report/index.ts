// The reports: one format a file. A format is a pure function of runs; adding one is one file and one line in `formats`.

import { csv } from './csv.ts'
import { github } from './github.ts'
import { html } from './html.ts'
import { junit } from './junit.ts'
import { mermaid } from './mermaid.ts'
import { ndjson } from './ndjson.ts'
import { perfetto } from './perfetto.ts'
import type { Format } from './run.ts'
import { svg } from './svg.ts'
import { tap } from './tap.ts'
import { text } from './text.ts'

export { wrap } from './layout.ts'
export { kindsNeeded } from './needs.ts'
export type { Format, ReportedRun, ReportOptions } from './run.ts'
export { serverLogKinds, serverLogs } from './server-logs.ts'
export { plain, type Styles } from './styles.ts'
export { summary } from './summary.ts'
export { type ViewerRun, viewerRunOf } from './viewer-run.ts'
export { padEnd, widthOf } from './width.ts'

/** What `--format` may name. */
export const formats = {
  text,
  html,
  svg,
  mermaid,
  perfetto,
  ndjson,
  csv,
  junit,
  tap,
  github,
} as const satisfies Readonly<Record<string, Format>>
