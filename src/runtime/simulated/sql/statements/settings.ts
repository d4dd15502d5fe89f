// SET, RESET, SHOW, ALTER SYSTEM.

import type { AlterSystemStmt, Node, VariableSetStmt, VariableShowStmt } from '@pgsql/types'
import { quoteIdentifier } from '../../catalog/identifiers.ts'
import type { Coroutine } from '../../kernel/task.ts'
import { fail } from '../../shared/error.ts'
import { versionFacts } from '../../shared/versions.ts'
import { notice } from '../notice.ts'
import type { Session } from '../session.ts'
import { assignSetting, failWith, showSetting } from '../settings.ts'
import { argumentText } from './storage-options.ts'
import { checkTablespaces } from './tablespace-names.ts'
import { readCharacteristics } from './transaction.ts'

export function* set(session: Session, tree: VariableSetStmt): Coroutine<string> {
  const { kind, name = '', args = [], is_local: isLocal = false } = tree
  if (isLocal && !session.transaction.isInBlock) {
    notice(session, '25P01', 'SET LOCAL can only be used in transaction blocks', 'WARNING')
  }
  switch (kind) {
    case 'VAR_SET_VALUE':
      yield* checkTablespaces(session, name.toLowerCase(), settingText(name, args))
      assignSetting(session, name, settingText(name, args), isLocal)
      return 'SET'
    case 'VAR_SET_DEFAULT':
      assignSetting(session, name, undefined, isLocal)
      return 'SET'
    case 'VAR_RESET':
      assignSetting(session, name, undefined, false)
      return 'RESET'
    case 'VAR_RESET_ALL':
      session.settings.resetAll(session.transaction.depth)
      return 'RESET'
    case 'VAR_SET_MULTI':
      return setMany(session, name, tree)
    default:
      return fail('0A000', 'SET … FROM CURRENT is not played yet')
  }
}

function setMany(session: Session, name: string, { args = [] }: VariableSetStmt): string {
  if (name === 'TRANSACTION') {
    if (!session.transaction.isInBlock) {
      notice(session, '25P01', 'SET TRANSACTION can only be used in transaction blocks', 'WARNING')
    }
    session.transaction.setCharacteristics(readCharacteristics(args))
    return 'SET'
  }
  if (name !== 'SESSION CHARACTERISTICS') fail('0A000', `SET ${name} is not played yet`)
  const { isolation, readOnly, deferrable } = readCharacteristics(args)
  if (isolation !== undefined) assignSetting(session, 'default_transaction_isolation', isolation, false)
  if (readOnly !== undefined) assignSetting(session, 'default_transaction_read_only', readOnly ? 'on' : 'off', false)
  if (deferrable !== undefined)
    assignSetting(session, 'default_transaction_deferrable', deferrable ? 'on' : 'off', false)
  return 'SET'
}

export function* show(session: Session, tree: VariableShowStmt): Coroutine<string> {
  const { name = '' } = tree
  if (name === 'all') fail('0A000', 'SHOW ALL is not played yet')
  const value = showSetting(session, name)
  const shown = session.settings.find(name)?.definition.name ?? name
  session.send({ kind: 'rows', columns: [{ name: shown, type: 'text' }], rows: [[value]], size: 40 + value.length })
  return 'SHOW'
}

/** Takes effect at the next reload or start, as any other change of the files. */
export function* alterSystem(session: Session, { setstmt }: AlterSystemStmt): Coroutine<string> {
  const { kind, name = '', args = [] } = setstmt!
  const { settings, version } = session.server.environment
  // Before 17 nobody can take it away.
  if (settings.values.allow_alter_system === false) fail('0A000', 'ALTER SYSTEM is not allowed in this environment')
  if (kind === 'VAR_RESET_ALL') {
    if (!session.proc.isSuperuser) fail('42501', 'permission denied to perform ALTER SYSTEM RESET ALL')
    session.transaction.preventInBlock('ALTER SYSTEM')
    settings.files.alterNothing()
    return 'ALTER SYSTEM'
  }
  if (!session.settings.find(name) && !versionFacts(version).altersPlaceholders) {
    fail('42704', `unrecognized configuration parameter "${name}"`)
  }
  const text = kind === 'VAR_SET_VALUE' ? settingText(name, args) : undefined
  const refusal = settings.refusalOfAlteration(name, text, session.proc.isSuperuser)
  if (refusal) failWith(refusal)
  session.transaction.preventInBlock('ALTER SYSTEM')
  settings.files.alter(settings.definition(name)!.name, text)
  return 'ALTER SYSTEM'
}

/** Several values are a list; names in it are quoted where they need it. */
export function settingText(name: string, args: readonly Node[]): string {
  const texts = args.map(argumentText)
  return (['search_path', 'temp_tablespaces'].includes(name.toLowerCase()) ? texts.map(quoteIdentifier) : texts).join(
    ', ',
  )
}
