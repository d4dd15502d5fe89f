// A backend's SQL: takes query strings, runs their statements inside of transactions, hands the results to `send`.
// Mirrors exec_simple_query. Utility statements are in statements/, one a file.

import type { DeclareCursorStmt, Node } from '@pgsql/types'
import { CatalogImage } from '../catalog/image.ts'
import type { Int8 } from '../catalog/types/integer.ts'
import { unknownType } from '../catalog/types/text.ts'
import type { Type } from '../catalog/types/type.ts'
import type { Random } from '../kernel/random.ts'
import type { Coroutine } from '../kernel/task.ts'
import type { Process } from '../machine/process.ts'
import { SessionNotifications } from '../notify/session-notifications.ts'
import type { SessionSettings } from '../settings/session-settings.ts'
import { fail, PostgresError } from '../shared/error.ts'
import type { Proc } from '../shared/proc.ts'
import type { BackendMessage, Committed } from '../shared/protocol.ts'
import { TransactionState } from '../transactions/transaction-state.ts'
import { analyzer } from './analysis/analyzer.ts'
import type { AnalysisContext } from './analysis/scope.ts'
import { type CompiledStatement, compileStatement, refuseUnlogged, statementsOf } from './compiled-statement.ts'
import type { SessionContext, SqlHost, SqlServer } from './context.ts'
import { analysisCost, executorCost, parseCost, planTableCost, utilityCost } from './costs.ts'
import { Execution } from './expressions/execution.ts'
import { allFunctions } from './functions/all.ts'
import { readLiteral } from './literals.ts'
import type { ParallelContext } from './parallel/parallel-context.ts'
import { type ParsedStatement, parse } from './parser.ts'
import { emptyRow } from './plan/node.ts'
import { Portals } from './portals.ts'
import { failSyntax, type PreparedQuery, prepareQuery } from './prepared-query.ts'
import { lockRelation } from './relation-locks.ts'
import { sendRows } from './results.ts'
import { ErrorAt, failAt, position, type Query, queryText } from './source.ts'
import { unplayedCursors } from './statements/cursor-options.ts'
import { temporaryTablespaces } from './statements/tablespace-names.ts'
import { isTransactionExit } from './statements/transaction.ts'
import { utilityOf } from './statements/utilities.ts'
import { WorkArea } from './work/work-area.ts'

export { type Query, queryText }

const noTypes: readonly Type[] = []

/** In the order in which client_min_messages counts them: LOG stands below NOTICE. */
const clientLevels = ['DEBUG5', 'DEBUG4', 'DEBUG3', 'DEBUG2', 'DEBUG1', 'LOG', 'NOTICE', 'WARNING', 'ERROR']

/**
 * Errors are thrown as PostgresError. Whoever catches one reports it (log line, ErrorResponse) and then calls
 * `recover`, which aborts the transaction, as PostgreSQL's main loop does; then ReadyForQuery goes out.
 */
export class Session implements SessionContext {
  readonly server: SqlServer
  readonly me: Process
  readonly proc: Proc
  readonly transaction: TransactionState
  readonly notifications: SessionNotifications
  readonly settings: SessionSettings
  readonly work: WorkArea
  readonly random: Random
  readonly send: (message: BackendMessage) => void
  readonly lastSequence = { last: undefined as number | undefined, values: new Map<number, Int8>() }
  /** Of PREPARE and the extended protocol: by name. */
  readonly preparedStatements = new Map<string, PreparedStatement>()
  readonly parallelContexts = new Set<ParallelContext>()
  readonly portals: Portals
  /** Called before every statement of a query string but the first: statement_timeout counts anew. */
  nextStatement: (() => void) | undefined
  /** As the running statement sees the catalogs. */
  catalog: CatalogImage = new CatalogImage(0, new Map())
  /** This transaction changed the catalogs: the shared image is not what it sees. */
  private catalogIsPrivate = false
  private privateImage: CatalogImage | undefined

  constructor(host: SqlHost, me: Process, proc: Proc, send: (message: BackendMessage) => void) {
    const { environment, views, shared } = host
    this.server = { ...shared, environment, views }
    this.me = me
    this.proc = proc
    this.settings = proc.sessionSettings!
    this.send = message => {
      if (message.kind !== 'notice' || this.wants(message.level)) send(message)
    }
    this.transaction = new TransactionState(shared.transactions, me, proc)
    this.notifications = new SessionNotifications(shared.notifyQueue, this.transaction, ({ channel, payload, pid }) =>
      send({ kind: 'notification', channel, payload, pid, size: channel.length + payload.length + 11 }),
    )
    this.transaction.listeners.push(this.notifications)
    this.work = new WorkArea(me, proc, environment, this.transaction.statistics)
    this.random = me.host.kernel.random.fork()
    this.portals = new Portals(this)
    this.transaction.listeners.push({
      ended: committed => {
        this.catalogIsPrivate = false
        this.settings.endNesting(1, committed)
      },
      subtransactionEnded: (committed, depth) => this.settings.endNesting(depth, committed),
      invalidated: () => {
        this.catalogIsPrivate = true
        this.privateImage = undefined
      },
    })
  }

  /** Whether the client wants to be told. */
  private wants(level: string): boolean {
    const minimum = this.settings.get('client_min_messages').toUpperCase()
    return level === 'INFO' || clientLevels.indexOf(level) >= clientLevels.indexOf(minimum)
  }

  get transactionStatus(): 'I' | 'T' | 'E' {
    return this.transaction.status
  }

  /** The last transaction that the last query string committed with an xid; taken once, for ReadyForQuery. */
  takeCommitted(): Committed | undefined {
    const { lastCommit } = this.transaction
    this.transaction.lastCommit = undefined
    return lastCommit
  }

  /** The simple protocol: one query string, any number of statements. Sends rows, command complete, notices; not ready. */
  *simpleQuery(query: Query): Coroutine {
    this.transaction.startCommand()
    this.me.charge(parseCost)
    const prepared = prepareQuery(query)
    const { statements } = prepared
    for (let index = 0; index < statements.length; index++) {
      this.transaction.startCommand()
      if (index > 0) this.nextStatement?.()
      yield* this.runStatement(prepared, index, statements.length > 1)
    }
    yield* this.transaction.commitCommand()
  }

  /** The extended protocol: names a statement. Values come as literal texts; their types follow from where they stand. */
  parse(name: string, template: string): void {
    this.transaction.startCommand()
    const query = { template, values: [] }
    const parsed = parse(template)
    if (!('statements' in parsed)) failSyntax(query, parsed)
    if (parsed.statements.length > 1) fail('42601', 'cannot insert multiple commands into a prepared statement')
    this.preparedStatements.set(name, { template, statement: parsed.statements[0], types: undefined })
  }

  /** The extended protocol: bind and execute. */
  *execute(name: string, values: readonly string[]): Coroutine {
    this.transaction.startCommand()
    const prepared = this.preparedStatements.get(name) ?? fail('26000', `prepared statement "${name}" does not exist`)
    const literals = values.map(text => {
      const literal = readLiteral(text)
      if (literal?.type === unknownType) return literal.value
      return literal ? literal.type.output(literal.value) : text
    })
    const query = { template: prepared.template, values: [] }
    const statements = prepared.statement ? [prepared.statement] : []
    const types = literals.map(() => unknownType)
    if (statements.length > 0) yield* this.runStatement({ query, statements, types, values: literals }, 0, false)
    yield* this.transaction.commitCommand()
  }

  /** After an error: aborts the current transaction (or puts its block into the aborted state). */
  *recover(): Coroutine {
    yield* this.endParallel()
    this.work.abort()
    this.transaction.abortCurrent()
  }

  /** At the end of the connection: rolls back what is open, and gives back what the session holds. */
  *close(): Coroutine {
    yield* this.endParallel()
    this.work.end()
    this.transaction.abortAll()
    this.notifications.leave()
    this.server.locks.releaseAll(this.proc, 'session')
  }

  /** Outside of a transaction: what has come on the channels that it listens to goes to the client. */
  *deliverNotifications(): Coroutine {
    this.transaction.startCommand()
    this.notifications.deliver()
    yield* this.transaction.commitCommand()
  }

  /** For the analysis of expressions in utility statements. */
  analysisContext(types: readonly Type[] = noTypes): AnalysisContext {
    return {
      analyze: analyzer,
      catalog: this.catalog,
      database: this.proc.database,
      functions: allFunctions,
      views: this.server.views,
      parameterTypes: types,
      version: this.server.environment.version,
      locks: [],
      hazard: { isUnsafe: true },
    }
  }

  /** The catalogs as this transaction sees them now. */
  *refreshCatalog(): Coroutine<CatalogImage> {
    if (this.catalogIsPrivate) {
      this.privateImage ??= yield* this.server.catalog.read(this.transaction)
      this.catalog = this.privateImage
    } else {
      this.catalog =
        this.server.catalog.tryImage(this.transaction) ?? (yield* this.server.catalog.image(this.transaction))
    }
    return this.catalog
  }

  private *runStatement(prepared: PreparedQuery, index: number, isOneOfMany: boolean): Coroutine {
    const { query, statements } = prepared
    const statement = statements[index]
    const isLast = index === statements.length - 1
    const { transaction } = this
    if (transaction.isAborted && !isTransactionExit(statement.node)) {
      fail('25P02', 'current transaction is aborted, commands ignored until end of transaction block')
    }
    if (isOneOfMany) transaction.beginImplicitBlock()
    this.me.checkForInterrupts?.()
    let tag: string
    try {
      tag = yield* this.dispatch(prepared, index)
    } catch (error) {
      throw error instanceof ErrorAt ? error.in(query) : error
    }
    const endsCommand = statement.kind === 'TransactionStmt'
    if (isLast) {
      if (isOneOfMany) transaction.endImplicitBlock()
      yield* transaction.commitCommand()
    } else if (endsCommand) yield* transaction.commitCommand()
    else transaction.commandCounterIncrement()
    this.send({ kind: 'command complete', tag, size: tag.length + 6 })
  }

  private *dispatch(prepared: PreparedQuery, index: number): Coroutine<string> {
    const { node, kind } = prepared.statements[index]
    if ('ExecuteStmt' in node) return yield* this.executePrepared(node.ExecuteStmt)
    if ('DeclareCursorStmt' in node) return yield* this.declareCursor(prepared, index, node.DeclareCursorStmt)
    const utility = utilityOf(kind)
    if (!utility) return yield* this.runPlanned(prepared, index)
    this.me.charge(utilityCost)
    const tree = node[kind as keyof Node]
    const { writes } = utility
    if (writes) this.refuseWrites(typeof writes === 'string' ? writes : writes(tree))
    if (utility.needsCatalog) {
      if (this.transaction.awaitsSafeSnapshot) yield* this.transaction.takeSafeSnapshot()
      transactionSnapshot(this.transaction)
      yield* this.refreshCatalog()
    }
    return yield* utility.run(this, tree, prepared.query.template)
  }

  private refuseWrites(what: string): void {
    if (this.transaction.readOnly) fail('25006', `cannot execute ${what} in a read-only transaction`)
  }

  private *runPlanned(prepared: PreparedQuery, index: number): Coroutine<string> {
    const statement = yield* this.compile(prepared, index)
    if (this.server.recovery.inRecovery) refuseUnlogged(statement)
    if (statement.writes) this.refuseWrites(statement.writes)
    const { transaction } = this
    this.me.charge(executorCost)
    const snapshot = transaction.snapshot()
    transaction.pushActiveSnapshot(snapshot)
    const execution = new Execution(this, prepared.values, snapshot)
    const cursor = statement.plan.open(execution, emptyRow)
    let count = 0
    const { columns } = statement
    if (columns) count = yield* sendRows(execution, cursor, columns)
    else for (let batch = yield* cursor.nextBatch(); batch; batch = yield* cursor.nextBatch());
    if (this.parallelContexts.size > 0) yield* this.finishParallel()
    this.work.end()
    transaction.popActiveSnapshot()
    return statement.tag(statement.writes && !statement.writes.startsWith('SELECT') ? execution.processed : count)
  }

  private *declareCursor(prepared: PreparedQuery, index: number, tree: DeclareCursorStmt): Coroutine<string> {
    for (const { what, when } of unplayedCursors) if (when(tree)) fail('0A000', `${what} is not played yet`)
    const statement = yield* this.compile(prepared, index)
    if (this.server.recovery.inRecovery) refuseUnlogged(statement)
    this.portals.declare(tree.portalname ?? '', statement, prepared.values)
    return statement.tag(0)
  }

  /** A LIMIT may have had enough before the workers had. */
  private *finishParallel(): Coroutine {
    for (const context of this.parallelContexts) yield* context.finish()
    yield* this.endParallel()
  }

  private *endParallel(): Coroutine {
    for (const context of [...this.parallelContexts]) yield* context.destroy()
  }

  /** Looks at the statement, or finds what was made of it before, with its locks taken. */
  private *compile(prepared: PreparedQuery, index: number): Coroutine<CompiledStatement> {
    const { query, statements, types } = prepared
    if (this.transaction.awaitsSafeSnapshot) yield* this.transaction.takeSafeSnapshot()
    transactionSnapshot(this.transaction)
    for (;;) {
      const catalog = this.tryCatalog() ?? (yield* this.refreshCatalog())
      this.catalog = catalog
      const slots = statementsOf(catalog).slots(query.template, types)
      const statement = slots[index] ?? compileStatement(this.analysisContext(types), statements[index].node)
      if (!statement) failAt(statements[index].start, '0A000', 'this statement is not played yet')
      slots[index] = statement
      this.me.charge(statement.locks.length > 0 ? analysisCost + planTableCost : analysisCost)
      yield* this.takeLocks(statement, query)
      // Whoever held a lock that we waited for may have changed the table.
      if (this.tryCatalog() !== catalog) continue
      const isDefault = this.settings.get('temp_tablespaces') === ''
      this.work.tablespaces = isDefault ? [] : yield* temporaryTablespaces(this)
      return statement
    }
  }

  private tryCatalog(): CatalogImage | undefined {
    return this.catalogIsPrivate ? this.privateImage : this.server.catalog.tryImage(this.transaction)
  }

  private *takeLocks({ locks }: CompiledStatement, query: Query): Coroutine {
    for (const { relation, mode, location } of locks) {
      if (this.server.locks.tryAcquire(this.proc, relation.lockTag, mode)) continue
      try {
        yield* lockRelation(this, relation, mode)
      } catch (error) {
        if (!(error instanceof PostgresError) || error.position !== undefined || location < 0) throw error
        const { level, sqlstate, message, detail, detailLog, hint, context } = error
        throw new PostgresError(level, sqlstate, message, {
          detail,
          detailLog,
          hint,
          context,
          position: position(query, location),
        })
      }
    }
  }

  /** EXECUTE: its arguments go in as literals of unknown type. */
  private *executePrepared({ name = '', params = [] }: { name?: string; params?: readonly Node[] }): Coroutine<string> {
    const prepared = this.preparedStatements.get(name) ?? fail('26000', `prepared statement "${name}" does not exist`)
    const expected = prepared.types?.length ?? params.length
    if (params.length !== expected) {
      fail('42601', `wrong number of parameters for prepared statement "${name}"`, {
        detail: `Expected ${expected} parameters but got ${params.length}.`,
      })
    }
    const literals = params.map(param => {
      const value =
        'A_Const' in param
          ? param.A_Const
          : fail('0A000', 'EXECUTE with other arguments than literals is not played yet')
      if (value.isnull) return null
      if (value.boolval) return value.boolval.boolval ? 'true' : 'false'
      return value.sval?.sval ?? value.fval?.fval ?? String(value.ival?.ival ?? 0)
    })
    const types = prepared.types ?? literals.map(() => unknownType)
    const values = literals.map((text, index) =>
      text === null || types[index] === unknownType ? text : types[index].input(text),
    )
    const inner: PreparedQuery = {
      query: { template: prepared.template, values: [] },
      statements: [prepared.statement!],
      types,
      values,
    }
    try {
      return yield* this.dispatch(inner, 0)
    } catch (error) {
      // The place is in the text of PREPARE.
      throw error instanceof ErrorAt ? error.error : error
    }
  }
}

export interface PreparedStatement {
  /** The text that the statement's places count in. */
  readonly template: string
  readonly statement: ParsedStatement | undefined
  /** As PREPARE declared them; undefined: they follow from where the parameters stand. */
  readonly types: readonly Type[] | undefined
}

/** From repeatable read on, the first statement fixes the snapshot before it waits for locks. */
function transactionSnapshot(transaction: TransactionState): void {
  if (transaction.isolation === 'repeatable read' || transaction.isolation === 'serializable') transaction.snapshot()
}
