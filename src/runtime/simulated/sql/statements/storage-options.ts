// WITH (fillfactor = …): the options of tables and indexes, as pg_class.reloptions keeps them.

import type { Node } from '@pgsql/types'
import { fail } from '../../shared/error.ts'
import { failAt } from '../source.ts'

/** Options that have no effect here, because what they steer is not there or always so. */
const harmless =
  /^(autovacuum_\w+|toast_tuple_target|parallel_workers|log_autovacuum_min_duration|vacuum_truncate|vacuum_index_cleanup|user_catalog_table|deduplicate_items)$/

export function readOptions(nodes: readonly Node[]): string[] {
  return nodes.map(node => {
    if (!('DefElem' in node)) return fail('0A000', 'this option is not played yet')
    const { defname = '', arg, location } = node.DefElem
    const text = argumentText(arg)
    if (defname !== 'fillfactor') {
      if (!harmless.test(defname)) failAt(location, '22023', `unrecognized parameter "${defname}"`)
      return `${defname}=${text}`
    }
    const value = Number(text)
    if (!Number.isInteger(value)) fail('22023', `invalid value for integer option "fillfactor": ${text}`)
    if (value < 10 || value > 100) {
      fail('22023', `value ${text} out of bounds for option "fillfactor"`, {
        detail: 'Valid values are between "10" and "100".',
      })
    }
    return `fillfactor=${value}`
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
