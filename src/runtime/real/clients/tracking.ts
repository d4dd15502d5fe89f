// Which transaction a query string committed. A real server does not say; so a query that may have written is sent with
// one more statement that asks for the xid, whose answer is taken off again. Leaves to the ledger what became of it.

import type { Commit, StatementResult } from '../../engine.ts'
import { type ParsedStatement, parse } from '../../simulated/sql/parser.ts'
import { trackedSuffix } from '../tracked-suffix.ts'

/** A query string as it is sent. */
interface SentQuery {
  readonly suffix: string
  /** Statements without the suffix. */
  readonly statements: number
  /** It has a COMMIT in it. */
  readonly commits: boolean
  /** It has a statement in it that ends a transaction block, though another may follow. */
  readonly ends: boolean
}

/** Statements that may write and can be followed by another one in the same string, by their kind in the grammar. */
const trackedKinds = new Set(['InsertStmt', 'UpdateStmt', 'DeleteStmt', 'MergeStmt', 'SelectStmt', 'TruncateStmt'])

const endingKinds = new Set(['TRANS_STMT_COMMIT', 'TRANS_STMT_ROLLBACK', 'TRANS_STMT_PREPARE'])

type Rows = StatementResult['rows']

const cache = new Map<string, SentQuery>()

export class TransactionTracker {
  /** Of the transaction block that is open. */
  private xid: number | undefined
  /** The query string began outside a transaction block. */
  private wasIdle = true

  send(template: string): SentQuery {
    let sent = cache.get(template)
    if (!sent) {
      sent = planned(template)
      // Texts with their values written into them come once each; they must not fill the memory.
      if (cache.size >= 2000) cache.clear()
      cache.set(template, sent)
    }
    return sent
  }

  /** Takes the suffix's result off, and gives the last transaction with an xid that the query string committed. */
  done(
    sent: SentQuery,
    results: StatementResult[],
    { status, failed }: { readonly status: 'I' | 'T' | 'E'; readonly failed: boolean },
  ): Commit | undefined {
    const before = this.xid
    const told = takeXid(sent, results, [])
    let committed = results.some(({ tag }) => tag === 'COMMIT') ? before : undefined
    // What fails after its last statement fails in its commit: a deferred constraint.
    if (status === 'I' && !failed) committed = told ?? committed
    this.wasIdle = status === 'I'
    this.xid = status === 'I' ? undefined : (told ?? (sent.ends ? undefined : before))
    return committed === undefined ? undefined : { xid: committed }
  }

  /**
   * The transaction of which nobody knows whether it is committed, when the connection was lost in the answer. `rows`
   * are those of a statement that was not said to be complete.
   */
  lost(sent: SentQuery, results: StatementResult[], rows: Rows): number | undefined {
    const told = takeXid(sent, results, rows)
    // The xid of a transaction outside a block is known only if a message flushed the answer before its commit.
    if (this.wasIdle && told !== undefined) return told
    return sent.commits ? (told ?? this.xid) : undefined
  }
}

function planned(template: string): SentQuery {
  const statements = statementsOf(template) ?? []
  const last = statements.at(-1)
  const control = statements.flatMap(({ node }) => ('TransactionStmt' in node ? [node.TransactionStmt.kind!] : []))
  const isTracked =
    last !== undefined &&
    trackedKinds.has(last.kind) &&
    // A comment at the end would swallow the suffix.
    statementsOf(template + trackedSuffix)?.length === statements.length + 1
  return {
    suffix: isTracked ? trackedSuffix : '',
    statements: statements.length,
    commits: control.includes('TRANS_STMT_COMMIT'),
    ends: control.some(kind => endingKinds.has(kind)),
  }
}

function statementsOf(text: string): readonly ParsedStatement[] | undefined {
  const parsed = parse(text)
  return 'statements' in parsed ? parsed.statements : undefined
}

/**
 * Takes the suffix off the answer. A server says of its last statement that it is complete when the transaction is
 * committed: if it did not say it of the suffix, it would not have said it of the statement before either.
 */
function takeXid({ suffix, statements }: SentQuery, results: StatementResult[], rows: Rows): number | undefined {
  if (suffix === '' || results.length < statements) return undefined
  const isComplete = results.length > statements
  const last = results.pop()
  const value = (isComplete ? last?.rows : rows)?.[0]?.[0]
  // Its low 32 bits, as the commit log has them.
  return value == null ? undefined : Number(BigInt.asUintN(32, BigInt(value)))
}
