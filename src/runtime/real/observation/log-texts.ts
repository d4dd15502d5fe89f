// The texts of a log in the scenario's names, and without what pgdrill itself has sent.

import type { Names } from '../names.ts'
import { untracked } from '../tracked-suffix.ts'
import type { LogRecord } from './log-record.ts'

const parts = ['message', 'detail', 'hint', 'context', 'statement'] as const

export function inNames(record: LogRecord, names: Names): LogRecord {
  const told: { -readonly [K in (typeof parts)[number]]?: string } = {}
  for (const part of parts) {
    const text = record[part]
    if (text !== undefined) told[part] = names.translate(untracked(text))
  }
  return { ...record, ...told }
}

/** Its client's end is one that nobody has named, or not yet. */
export function isNameless({ remote }: LogRecord, names: Names): boolean {
  const port = /\((\d+)\)$/.exec(remote)?.[1]
  return port !== undefined && names.endpoint(Number(port)) === undefined
}
