// `forbid replica_divergence`: what a standby has replayed is at every moment a prefix of what its primary committed, in
// the order of the commits, and stays one; and so is what a server comes back with from a crash. Two kinds of events
// decide: each commit as it is written into the WAL, and each as it is replayed. What was written before the run began
// is not known, and nothing is said of it.

import { formatCount, formatLsn } from '../../model/format.ts'
import type { Statement } from '../../model/scenario.ts'
import type { TraceEvent } from '../../model/trace.ts'
import type { Verdict } from '../../model/verdict.ts'
import type { Answer, Ask, Moments, Monitor, Needs } from '../monitor.ts'
import { isOptional } from '../optional.ts'
import { Branch, type Commit, nextOf } from './branches.ts'

/** How far a server has replayed, and on which branches that can be; undefined until a commit tells. */
interface Place {
  readonly lsn: number
  readonly branches: ReadonlySet<Branch> | undefined
}

export class ReplicaDivergence implements Monitor {
  readonly needs: Needs = {
    kinds: new Set(['transaction.logged', 'transaction.replayed', 'recovery.started', 'recovery.redo_done'] as const),
    queries: [],
    ledger: false,
  }
  readonly wakeAt = undefined
  readonly asks: readonly Ask[] = []
  verdict: Verdict | undefined
  private readonly statement: Statement
  private readonly branches: Branch[] = []
  /** What each server writes, or wrote last. */
  private readonly written = new Map<string, Branch>()
  /** Of the servers that replay. */
  private readonly places = new Map<string, Place>()
  private replayed = 0

  constructor(statement: Statement) {
    this.statement = statement
  }

  start(_moments: Moments): void {}

  pass(_time: number): void {}

  answer(_answers: ReadonlyMap<Ask, Answer>): void {}

  feed(event: TraceEvent): void {
    if (this.verdict || event.node === undefined) return
    if (event.kind === 'transaction.logged') this.write(event.node, event)
    else if (event.kind === 'transaction.replayed') this.replay(event.node, event)
    else if (event.kind === 'recovery.started') this.places.set(event.node, { lsn: event.redo, branches: undefined })
    else if (event.kind === 'recovery.redo_done') this.endRecovery(event.node, event)
  }

  finish(time: number): void {
    if (this.verdict) return
    const held = (actual: string) => this.decide('held', actual, time, [])
    if (this.replayed > 0) held(`${formatCount(this.replayed)} replayed, each behind the one before it`)
    else if (isOptional(this.statement)) held('no commit was replayed; it is optional')
    else this.decide('undecided', 'nothing to look at: no commit was replayed', time, [])
  }

  private write(node: string, { xid, lsn, sequence }: TraceEvent<'transaction.logged'>): void {
    const branch = this.written.get(node) ?? this.branch(node, 0)
    branch.commits.push({ xid, lsn, sequence })
  }

  private branch(writer: string, start: number): Branch {
    const branch = new Branch(writer, start)
    this.branches.push(branch)
    this.written.set(writer, branch)
    return branch
  }

  private replay(node: string, event: TraceEvent<'transaction.replayed'>): void {
    const place = this.places.get(node) ?? { lsn: 0, branches: undefined }
    const candidates = [...nextOf(this.branchesOf(place), place.lsn)]
    const matching = candidates.filter(([{ xid, lsn }]) => xid === event.xid && lsn === event.lsn)
    const isUnknown = matching.length === 0 && place.branches === undefined && this.isBeforeAll(event.lsn)
    if (this.concerns(node)) {
      if (matching.length === 0 && !isUnknown) return this.diverged(node, event, candidates[0]?.[0])
      this.replayed++
    }
    const branches = matching.length === 0 ? undefined : new Set(matching.map(([, branch]) => branch))
    this.places.set(node, { lsn: event.lsn, branches })
  }

  private branchesOf({ lsn, branches }: Place): Iterable<Branch> {
    return branches ?? this.branches.filter(({ start }) => start <= lsn)
  }

  /** Whether some server has told of nothing yet that was written before this. */
  private isBeforeAll(lsn: number): boolean {
    const roots = this.branches.filter(({ start }) => start === 0)
    return roots.length === 0 || roots.some(({ commits }) => commits[0].lsn > lsn)
  }

  /** The server writes from now on. What it did not come to again is gone, though somebody may have it. */
  private endRecovery(node: string, event: TraceEvent<'recovery.redo_done'>): void {
    const before = this.written.get(node)
    const place = this.places.get(node) ?? { lsn: event.lsn, branches: undefined }
    this.places.delete(node)
    const parents = [...this.branchesOf({ ...place, lsn: event.lsn })]
    const branch = this.branch(node, event.lsn)
    for (const parent of parents) parent.children.push(branch)
    if (before === undefined || !parents.includes(before)) return
    for (const [standby, { lsn, branches }] of this.places) {
      const isAhead = lsn > event.lsn && branches !== undefined && branches.size === 1 && branches.has(before)
      if (isAhead && this.concerns(standby)) return this.outlived(standby, node, lsn, event)
    }
  }

  private concerns(node: string): boolean {
    const [of] = this.statement.parameters.of ?? []
    return of === undefined || of.text === node
  }

  private diverged(node: string, event: TraceEvent<'transaction.replayed'>, next: Commit | undefined): void {
    const found = `${node} has replayed commit ${event.xid} at ${formatLsn(event.lsn)}`
    const wanted = next ? `behind what it had comes ${next.xid} at ${formatLsn(next.lsn)}` : 'which nobody has written'
    const evidence = [...(next ? [next.sequence] : []), event.sequence]
    this.decide('failed', `${found}; ${wanted}`, event.time, evidence)
  }

  private outlived(standby: string, node: string, lsn: number, event: TraceEvent<'recovery.redo_done'>): void {
    const found = `${standby} has replayed up to ${formatLsn(lsn)}`
    const lost = `${node} has come back with the WAL up to ${formatLsn(event.lsn)}`
    this.decide('failed', `${found}; ${lost}`, event.time, [event.sequence])
  }

  private decide(outcome: Verdict['outcome'], actual: string, at: number, evidence: readonly number[]): void {
    const of = this.statement.parameters.of?.[0]?.text
    this.verdict = {
      title: `what ${of ?? 'a standby'} shows is a prefix of what was committed`,
      span: this.statement.span,
      outcome,
      expected: `forbid replica_divergence${of === undefined ? '' : ` of ${of}`}`,
      actual,
      at,
      ...(outcome === 'undecided' ? { needed: 'transaction.replayed' } : {}),
      evidence,
    }
  }
}
