// What a kind of look into servers is.

import type { EventKind } from '../../../../model/trace.ts'
import type { Trace } from '../../../trace.ts'
import type { Server } from '../../server.ts'

/** Tells what has changed since it last looked. */
export type Sample = (server: Server) => void

export interface SampleKind {
  readonly kind: EventKind
  /** It looks at every so many turns only, and whenever something has happened. */
  readonly every: number
  /** For one server. */
  readonly of: (trace: Trace) => Sample
}

/** Lists as text: a line each, tabs between what is told of it. */
export function textOf(rows: readonly (readonly (string | number)[])[]): string {
  return rows.map(row => row.join('\t')).join('\n')
}
