// WITH (fillfactor = …): the options of tables and indexes, as pg_class.reloptions keeps them. Mirrors reloptions.c.

import type { Node } from '@pgsql/types'
import { parseBool } from '../../../../model/setting-value.ts'
import { fail } from '../../shared/error.ts'
import { failAt } from '../source.ts'

interface NumericOption {
  readonly type: 'integer' | 'floating point'
  readonly min: number
  readonly max: number
  /** The major that it came with. */
  readonly since?: number
}

type Option = NumericOption | { readonly type: 'boolean' } | { readonly type: 'enum' }

const maxInteger = 2_147_483_647
const integer = (min: number, max = maxInteger): Option => ({ type: 'integer', min, max })
const real = (min: number, max: number): Option => ({ type: 'floating point', min, max })

const options: ReadonlyMap<string, Option> = new Map(
  Object.entries({
    fillfactor: integer(10, 100),
    autovacuum_enabled: { type: 'boolean' },
    autovacuum_vacuum_threshold: integer(0),
    autovacuum_vacuum_max_threshold: { type: 'integer', min: -1, max: maxInteger, since: 18 },
    autovacuum_vacuum_insert_threshold: integer(-1),
    autovacuum_analyze_threshold: integer(0),
    autovacuum_vacuum_scale_factor: real(0, 100),
    autovacuum_vacuum_insert_scale_factor: real(0, 100),
    autovacuum_analyze_scale_factor: real(0, 100),
    autovacuum_vacuum_cost_delay: real(0, 100),
    autovacuum_vacuum_cost_limit: integer(1, 10_000),
    autovacuum_freeze_min_age: integer(0, 1_000_000_000),
    autovacuum_freeze_max_age: integer(100_000, 2_000_000_000),
    autovacuum_freeze_table_age: integer(0, 2_000_000_000),
    autovacuum_multixact_freeze_min_age: integer(0, 1_000_000_000),
    autovacuum_multixact_freeze_max_age: integer(10_000, 2_000_000_000),
    autovacuum_multixact_freeze_table_age: integer(0, 2_000_000_000),
    log_autovacuum_min_duration: integer(-1),
    vacuum_truncate: { type: 'boolean' },
    vacuum_index_cleanup: { type: 'enum' },
    // Those without an effect: what they steer is not there, or always so.
    toast_tuple_target: integer(128, 8160),
    parallel_workers: integer(0, 1024),
    user_catalog_table: { type: 'boolean' },
    deduplicate_items: { type: 'boolean' },
  } satisfies Record<string, Option>),
)

export function readOptions(nodes: readonly Node[], version: number): string[] {
  return nodes.map(node => {
    if (!('DefElem' in node)) return fail('0A000', 'this option is not played yet')
    const { defname = '', arg, location } = node.DefElem
    const text = argumentText(arg)
    const option = options.get(defname)
    const isKnown = option && !('since' in option && version < (option.since ?? 0))
    if (!isKnown) return failAt(location, '22023', `unrecognized parameter "${defname}"`)
    checkValue(defname, option, text)
    return `${defname}=${text}`
  })
}

function checkValue(name: string, option: Option, text: string): void {
  if (option.type === 'enum') {
    if (text === 'auto' || parseBool(text) !== undefined) return
    return fail('22023', `invalid value for enum option "${name}": ${text}`, {
      detail: 'Valid values are "on", "off", and "auto".',
    })
  }
  if (option.type === 'boolean') {
    if (parseBool(text) === undefined) fail('22023', `invalid value for boolean option "${name}": ${text}`)
    return
  }
  const { type, min, max } = option
  const value = text.trim() === '' ? Number.NaN : Number(text)
  if (Number.isNaN(value)) fail('22023', `invalid value for ${type} option "${name}": ${text}`)
  if (value >= min && value <= max) return
  const bound = (number: number) => (type === 'integer' ? String(number) : number.toFixed(6))
  fail('22023', `value ${text} out of bounds for option "${name}"`, {
    detail: `Valid values are between "${bound(min)}" and "${bound(max)}".`,
  })
}

/** A setting's or option's value as text. */
export function argumentText(node: Node | undefined): string {
  if (!node) return 'true'
  if ('Integer' in node) return String(node.Integer.ival ?? 0)
  if ('Float' in node) return node.Float.fval ?? ''
  if ('Boolean' in node) return String(node.Boolean.boolval ?? false)
  if ('String' in node) return node.String.sval ?? ''
  if ('TypeName' in node)
    return node.TypeName.names!.map(name => ('String' in name ? name.String.sval : '')).at(-1) ?? ''
  if ('A_Const' in node) {
    const { ival, fval, sval, boolval } = node.A_Const
    if (boolval) return String(boolval.boolval ?? false)
    return sval?.sval ?? fval?.fval ?? String(ival?.ival ?? 0)
  }
  return fail('0A000', 'this value is not played yet')
}
