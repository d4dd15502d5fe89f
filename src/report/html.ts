// The report that people look at: one page that needs nothing but itself, the viewer with the runs in it. The viewer
// (web/viewer) is built beforehand into a page with a place for the runs, which whoever owns files hands over.

import { type EventKind, eventKinds } from '../model/trace.ts'
import type { Format } from './run.ts'
import { viewerRunOf } from './viewer-run.ts'

/** What stands in the viewer's page where the runs go. */
const place = '"the runs"'

/** They come record by record, or stand in it already: a log line is in it once. */
const unneeded: ReadonlySet<EventKind> = new Set([
  'wal.replayed',
  'transaction.logged',
  'transaction.replayed',
  'log.written',
] as const)

/** All that lanes, arrows and curves are made of. */
const needs = (Object.keys(eventKinds) as EventKind[]).filter(kind => !unneeded.has(kind))

export const html: Format = {
  needs,
  *write(runs, { version, viewerPage }) {
    if (!viewerPage) throw new Error('the viewer was not built')
    const [head, tail] = viewerPage().split(place)
    yield head
    // No `<` is left in it: nothing that stands in the text can end the script.
    yield JSON.stringify(runs.map(run => viewerRunOf(run, version))).replaceAll('<', '\\u003c')
    yield tail
  },
}
