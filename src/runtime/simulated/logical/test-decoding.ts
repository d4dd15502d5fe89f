// PostgreSQL's example of an output plugin, which prints changes as text. Mirrors test_decoding.c.

import { parseBool } from '../../../model/setting-value.ts'
import type { Datum } from '../access/tuple-descriptor.ts'
import { quoteIdentifier } from '../catalog/identifiers.ts'
import type { Table } from '../catalog/relations.ts'
import { namespaceName } from '../catalog/tables.ts'
import { booleanType } from '../catalog/types/boolean.ts'
import { float4Type, float8Type } from '../catalog/types/float.ts'
import { oidType } from '../catalog/types/identifiers.ts'
import { int2Type, int4Type, int8Type } from '../catalog/types/integer.ts'
import { numericType } from '../catalog/types/numeric.ts'
import type { Type, Value } from '../catalog/types/type.ts'
import { fail } from '../shared/error.ts'
import { formatTimestampTz } from '../shared/timestamp.ts'
import type { MessageChange } from './changes.ts'
import type { DecodedTransaction, OutputPlugin, RowChange, TableTruncation } from './output-plugin.ts'

/** Types that are printed without quotes. */
const bare: readonly Type[] = [int2Type, int4Type, int8Type, oidType, float4Type, float8Type, numericType, booleanType]

interface Options {
  includesXids: boolean
  includesTimestamp: boolean
  skipsEmpty: boolean
}

/** As they were given; one without a value is on. */
export type PluginOptions = ReadonlyMap<string, string | undefined>

export interface DecodedLine {
  readonly lsn: number
  readonly xid: number
  readonly data: string
}

export class TestDecoding implements OutputPlugin {
  private readonly options: Options
  private readonly write: (line: DecodedLine) => void
  /** The transaction that has printed nothing yet. */
  private unannounced: DecodedTransaction | undefined

  constructor(options: PluginOptions, write: (line: DecodedLine) => void) {
    this.options = readOptions(options)
    this.write = write
  }

  begin(transaction: DecodedTransaction): void {
    this.unannounced = transaction
    if (!this.options.skipsEmpty) this.announce()
  }

  private announce(): void {
    const transaction = this.unannounced
    if (!transaction) return
    this.unannounced = undefined
    const { xid, firstLsn } = transaction
    this.write({ lsn: firstLsn, xid, data: this.options.includesXids ? `BEGIN ${xid}` : 'BEGIN' })
  }

  change({ xid }: DecodedTransaction, change: RowChange): void {
    this.announce()
    const data = `table ${qualifiedName(change.table)}: ${change.kind.toUpperCase()}:${rowText(change)}`
    this.write({ lsn: change.lsn, xid, data })
  }

  truncate({ xid }: DecodedTransaction, { lsn, tables, restartsSequences }: TableTruncation): void {
    this.announce()
    const flags = restartsSequences ? ' restart_seqs' : ' (no-flags)'
    this.write({ lsn, xid, data: `table ${tables.map(qualifiedName).join(', ')}: TRUNCATE:${flags}` })
  }

  commit({ xid, endLsn, committedAt }: DecodedTransaction): void {
    if (this.unannounced) {
      this.unannounced = undefined
      return
    }
    const { includesXids, includesTimestamp } = this.options
    const time = includesTimestamp ? ` (at ${formatTimestampTz(committedAt)})` : ''
    this.write({ lsn: endLsn, xid, data: `COMMIT${includesXids ? ` ${xid}` : ''}${time}` })
  }

  message(xid: number, { isTransactional, prefix, content, lsn }: MessageChange, end: number): void {
    const data = `message: transactional: ${isTransactional ? 1 : 0} prefix: ${prefix}, sz: ${content.length} content:${content}`
    if (isTransactional) this.announce()
    this.write({ lsn: isTransactional ? lsn : end, xid, data })
  }
}

function readOptions(given: PluginOptions): Options {
  const options: Options = { includesXids: true, includesTimestamp: false, skipsEmpty: false }
  for (const [name, text] of given) {
    const value = text === undefined ? true : parseBool(text)
    const set = (change: (value: boolean) => void): void => {
      if (value === undefined) fail('22023', `could not parse value "${text}" for parameter "${name}"`)
      change(value)
    }
    switch (name) {
      case 'include-xids':
        set(on => (options.includesXids = on))
        break
      case 'include-timestamp':
        set(on => (options.includesTimestamp = on))
        break
      case 'skip-empty-xacts':
        set(on => (options.skipsEmpty = on))
        break
      case 'force-binary':
      case 'only-local':
      case 'include-rewrites':
      case 'stream-changes':
        fail('0A000', `the option "${name}" of test_decoding is not played yet`)
        break
      default:
        fail('22023', `option "${name}" = "${text ?? '(null)'}" is unknown`)
    }
  }
  return options
}

function qualifiedName(table: Table): string {
  return `${quoteIdentifier(namespaceName(table.namespace))}.${quoteIdentifier(table.name)}`
}

function rowText({ kind, table, next, old }: RowChange): string {
  if (kind === 'delete') return old ? columns(table, old, true) : ' (no-tuple-data)'
  const before = old ? ` old-key:${columns(table, old, true)} new-tuple:` : ''
  return before + (next ? columns(table, next, false) : ' (no-tuple-data)')
}

function columns(table: Table, row: readonly Datum[], skipsNulls: boolean): string {
  let text = ''
  for (const [index, { name, type }] of table.columns.entries()) {
    const value = row[index]
    if (value === null && skipsNulls) continue
    text += ` ${quoteIdentifier(name)}[${type.displayName}]:${value === null ? 'null' : literal(type, value as Value)}`
  }
  return text
}

function literal(type: Type, value: Value): string {
  if (type === booleanType) return value === true ? 'true' : 'false'
  const text = type.output(value)
  return bare.includes(type) ? text : `'${text.replaceAll("'", "''")}'`
}
