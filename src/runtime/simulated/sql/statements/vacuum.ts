// VACUUM and ANALYZE: which tables, with which options. The work is maintenance/'s; each table is vacuumed in a
// transaction of its own. Mirrors ExecVacuum and vacuum of vacuum.c.

import type { Node, VacuumStmt } from '@pgsql/types'
import { Table } from '../../catalog/relations.ts'
import type { Coroutine } from '../../kernel/task.ts'
import { fail } from '../../shared/error.ts'
import type { MaintenanceOptions, MaintenanceSession } from '../context.ts'
import { notice } from '../notice.ts'
import type { Session } from '../session.ts'
import { failAt } from '../source.ts'
import { openTable } from './names.ts'
import { argumentText } from './storage-options.ts'
import { vacuumFull } from './vacuum-full.ts'

interface Options extends MaintenanceOptions {
  readonly analyzes: boolean
  readonly isFull: boolean
}

export function* vacuum(session: Session, tree: VacuumStmt): Coroutine<string> {
  const { is_vacuumcmd: vacuums = false, rels = [] } = tree
  const options = readOptions(tree.options ?? [])
  const { server, transaction } = session
  if (server.recovery.inRecovery) fail('25006', `cannot execute ${vacuums ? 'VACUUM' : 'ANALYZE'} during recovery`)
  if (vacuums) transaction.preventInBlock('VACUUM')
  if (options.isFull && (rels.length === 0 || options.isVerbose)) {
    fail('0A000', 'VACUUM FULL without a table, or with VERBOSE, is not played yet')
  }
  const tables = rels.length > 0 ? rels.map(node => namedTable(session, node)) : allTables(session)
  const by: MaintenanceSession = {
    me: session.me,
    proc: session.proc,
    transaction,
    tell: (level, sqlstate, message, hint, detail) => notice(session, sqlstate, message, level, hint, detail),
  }
  for (const { id } of tables) {
    if (options.isFull) yield* vacuumFull(session, id, options.skipsLocked)
    else if (vacuums) yield* server.maintenance.vacuum(by, id, options)
    if (!vacuums || options.analyzes) yield* server.maintenance.analyze(by, id, options)
  }
  if (vacuums) yield* server.maintenance.vacuumed(by)
  yield* session.refreshCatalog()
  return vacuums ? 'VACUUM' : 'ANALYZE'
}

function readOptions(nodes: readonly Node[]): Options {
  const options = {
    freezes: false,
    skipsNoPage: false,
    skipsLocked: false,
    isVerbose: false,
    truncates: undefined as boolean | undefined,
    indexCleanup: undefined as MaintenanceOptions['indexCleanup'],
    analyzes: false,
    isFull: false,
  }
  for (const node of nodes) {
    if (!('DefElem' in node)) continue
    const { defname = '', arg, location } = node.DefElem
    const text = argumentText(arg).toLowerCase()
    const isOn = text === 'true' || text === 'on' || text === '1'
    if (defname === 'freeze') options.freezes = isOn
    else if (defname === 'analyze') options.analyzes = isOn
    else if (defname === 'full') options.isFull = isOn
    else if (defname === 'verbose') options.isVerbose = isOn
    else if (defname === 'skip_locked') options.skipsLocked = isOn
    else if (defname === 'disable_page_skipping') options.skipsNoPage = isOn
    else if (defname === 'truncate') options.truncates = isOn
    else if (defname === 'index_cleanup') options.indexCleanup = text === 'auto' ? 'auto' : isOn ? 'on' : 'off'
    else if (isOn) failAt(location, '0A000', `${defname.toUpperCase()} of VACUUM and ANALYZE is not played yet`)
  }
  return options
}

function namedTable(session: Session, node: Node): Table {
  const relation = 'VacuumRelation' in node ? node.VacuumRelation : {}
  if (relation.va_cols) failAt(relation.relation?.location, '0A000', 'ANALYZE of single columns is not played yet')
  return openTable(session, relation.relation!)
}

function allTables(session: Session): Table[] {
  return session.catalog.all().filter(relation => relation instanceof Table)
}
