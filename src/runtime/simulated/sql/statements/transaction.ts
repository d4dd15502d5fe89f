// BEGIN, COMMIT, ROLLBACK, savepoints, SET TRANSACTION, two-phase commit.

import type { Node, TransactionStmt } from '@pgsql/types'
import type { Coroutine } from '../../kernel/task.ts'
import { fail } from '../../shared/error.ts'
import { finishPrepared } from '../../transactions/prepare.ts'
import type { IsolationLevel } from '../../transactions/running-transaction.ts'
import type { TransactionCharacteristics } from '../../transactions/transaction-state.ts'
import { notice } from '../notice.ts'
import type { Session } from '../session.ts'
import { argumentText } from './storage-options.ts'

/** What an aborted block still takes. */
export function isTransactionExit(node: Node): boolean {
  if (!('TransactionStmt' in node)) return false
  const { kind } = node.TransactionStmt
  return (
    kind === 'TRANS_STMT_COMMIT' ||
    kind === 'TRANS_STMT_ROLLBACK' ||
    kind === 'TRANS_STMT_ROLLBACK_TO' ||
    kind === 'TRANS_STMT_PREPARE'
  )
}

/** What BEGIN and SET TRANSACTION say. */
export function readCharacteristics(nodes: readonly Node[] | undefined): TransactionCharacteristics {
  const characteristics: { isolation?: IsolationLevel; readOnly?: boolean; deferrable?: boolean } = {}
  for (const node of nodes ?? []) {
    if (!('DefElem' in node)) continue
    const { defname, arg } = node.DefElem
    const text = argumentText(arg)
    if (defname === 'transaction_isolation') characteristics.isolation = text as IsolationLevel
    if (defname === 'transaction_read_only') characteristics.readOnly = text === '1'
    if (defname === 'transaction_deferrable') characteristics.deferrable = text === '1'
  }
  return characteristics
}

function refuseInRecovery(session: Session, statement: string): void {
  if (session.server.recovery.inRecovery) fail('25006', `cannot execute ${statement} during recovery`)
}

function* endPrepared(
  session: Session,
  statement: 'COMMIT PREPARED' | 'ROLLBACK PREPARED',
  gid: string,
): Coroutine<string> {
  const { transaction } = session
  refuseInRecovery(session, statement)
  transaction.preventInBlock(statement)
  const commit = yield* finishPrepared(transaction, gid, statement === 'COMMIT PREPARED')
  if (commit) transaction.lastCommit = commit
  return statement
}

export function* runTransaction(session: Session, tree: TransactionStmt): Coroutine<string> {
  const { transaction } = session
  const warn = (level: 'WARNING' | 'NOTICE', sqlstate: string, message: string) =>
    notice(session, sqlstate, message, level)
  const { chain = false, savepoint_name: name = '' } = tree
  switch (tree.kind) {
    case 'TRANS_STMT_BEGIN':
      transaction.begin(readCharacteristics(tree.options), warn)
      return 'BEGIN'
    case 'TRANS_STMT_START':
      transaction.begin(readCharacteristics(tree.options), warn)
      return 'START TRANSACTION'
    case 'TRANS_STMT_COMMIT':
      return transaction.commit(chain, warn)
    case 'TRANS_STMT_ROLLBACK':
      transaction.rollback(chain, warn)
      return 'ROLLBACK'
    case 'TRANS_STMT_SAVEPOINT':
      transaction.savepoint(name)
      return 'SAVEPOINT'
    case 'TRANS_STMT_RELEASE':
      transaction.release(name)
      return 'RELEASE'
    case 'TRANS_STMT_ROLLBACK_TO':
      transaction.rollbackTo(name)
      return 'ROLLBACK'
    case 'TRANS_STMT_PREPARE':
      refuseInRecovery(session, 'PREPARE TRANSACTION')
      return transaction.prepare(tree.gid ?? '', warn)
    case 'TRANS_STMT_COMMIT_PREPARED':
      return yield* endPrepared(session, 'COMMIT PREPARED', tree.gid ?? '')
    case 'TRANS_STMT_ROLLBACK_PREPARED':
      return yield* endPrepared(session, 'ROLLBACK PREPARED', tree.gid ?? '')
    default:
      return fail('XX000', `unrecognized kind of transaction statement: ${tree.kind}`)
  }
}
