// The reports: one format a file. A format is a pure function of a run; adding one is one file and one line in `formats`.

import { junit } from './junit.ts'
import { ndjson } from './ndjson.ts'
import type { Format } from './run.ts'
import { text } from './text.ts'

export { wrap } from './layout.ts'
export { kindsNeeded } from './needs.ts'
export type { Format, ReportedRun, ReportOptions } from './run.ts'
export { plain, type Styles } from './styles.ts'
export { summary } from './summary.ts'
export { padEnd, widthOf } from './width.ts'

/** What `--format` may name. */
export const formats = { text, ndjson, junit } as const satisfies Readonly<Record<string, Format>>
