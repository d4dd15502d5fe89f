// Watches one real server: its log and its processes become the events that a simulated server tells itself. What only
// SQL tells is view-observer.ts's.

import type { ProcessRole } from '../../engine.ts'
import type { Names } from '../names.ts'
import { runningProcess, titleOf } from '../proc.ts'
import type { Teller } from '../teller.ts'
import { Lifecycle, moreOf } from './lifecycle.ts'
import type { LogRecord } from './log-record.ts'
import { inNames, isNameless } from './log-texts.ts'
import { ofLog, ofTitle } from './process-types.ts'
import { childrenNow, type Ending, Processes } from './processes.ts'
import { ServerLog } from './server-log.ts'

export interface ObservedNode {
  readonly name: string
  readonly version: 15 | 16 | 17 | 18
  /** Where its postmaster's stderr goes; may not exist yet; grows; survives restarts of the server. */
  readonly logFile: string
  readonly dataFolder: string
  /** The postmaster's pid while it is alive. */
  postmaster(): number | undefined
  /**
   * Backends of pgdrill's own observing connections: nothing of them is told. A connection over the Unix socket is
   * taken for one anyway, so that nothing is told of it before its pid is known.
   */
  isObserver(pid: number): boolean
}

export class NodeObserver {
  private readonly node: ObservedNode
  private readonly teller: Teller
  private readonly names: Names
  private readonly log: ServerLog
  private readonly table: Processes
  private readonly lifecycle: Lifecycle
  /** The postmaster that lived last, until its end is told. */
  private postmaster: number | undefined
  /** Lines that wait for the next look, because a client's end has no name yet. */
  private held: readonly LogRecord[] = []

  /** Begins with what happens from now on. */
  constructor(node: ObservedNode, teller: Teller, names: Names) {
    const { name, dataFolder, version } = node
    this.node = node
    this.teller = teller
    this.names = names
    names.folder(dataFolder, `/var/lib/postgresql/${version}/${name}`)
    this.log = new ServerLog(node.logFile, dataFolder)
    this.table = new Processes({ node: name, teller, names, isObserver: pid => node.isObserver(pid) })
    this.lifecycle = new Lifecycle({ node: name, dataFolder, teller, processes: this.table })
  }

  /** Reads what has come since the last look. */
  look(): void {
    const running = this.node.postmaster()
    // Who is in the list now and ends before its log line is read must not be taken for new: titles are read last.
    const children = childrenNow(running)
    for (const record of this.records()) this.take(inNames(record, this.names), running)
    if (running !== this.postmaster) this.change(running)
    this.table.look(running, children)
  }

  /**
   * The postmaster is gone for a reason that its log does not tell: it was killed. `ending`: what the system says of it.
   * Children that outlive it are watched until they are gone, too.
   */
  lost(reason: string, ending: Ending = {}): void {
    this.look()
    if (this.held.length > 0) this.look()
    if (this.postmaster !== undefined) this.table.ended(this.postmaster, ending)
    this.postmaster = undefined
    this.table.orphan()
    this.table.look(undefined, new Set())
    this.lifecycle.down(reason, {})
  }

  /**
   * Its host is gone, and all its processes with it: nobody was there who could have told of their ends. What they
   * logged since the last look never reached anybody.
   */
  vanished(reason: string): void {
    this.log.read()
    this.postmaster = undefined
    this.table.forget()
    this.lifecycle.down(reason, {})
  }

  /** Processes of a role that are alive now, oldest first, freshly read. */
  processes(role: ProcessRole): readonly { readonly pid: number; readonly type: string }[] {
    const postmaster = this.node.postmaster()
    if (role === 'postmaster') return postmaster === undefined ? [] : [{ pid: postmaster, type: role }]
    const pids = new Set([...this.table.orphans, ...childrenNow(postmaster)])
    return [...pids]
      .filter(pid => this.roleOf(pid) === role)
      .flatMap(pid => runningProcess(pid) ?? [])
      .sort((a, b) => a.startedAt - b.startedAt || a.pid - b.pid)
      .map(({ pid }) => ({ pid, type: role }))
  }

  /** The type of one of its processes. */
  typeOf(pid: number): string {
    return this.table.place(pid).process ?? 'process'
  }

  /** Why the server did not start: its last FATAL and PANIC lines, and what else came to its stderr, as written. */
  get complaints(): readonly string[] {
    return this.log.complaints
  }

  /** A backend may log before whoever has connected knows of it: from its line on all wait, but not for long. */
  private records(): readonly LogRecord[] {
    const { held } = this
    const read = this.log.read()
    const nameless = read.findIndex(
      record => !this.table.isHidden(record.pid, record.remote) && isNameless(record, this.names),
    )
    this.held = nameless < 0 ? [] : read.slice(nameless)
    return nameless < 0 ? [...held, ...read] : [...held, ...read.slice(0, nameless)]
  }

  private roleOf(pid: number): string | undefined {
    const title = titleOf(pid)
    const titled = title === undefined ? undefined : ofTitle(title)
    return !titled || this.table.isHidden(pid, titled.remote ?? '') ? undefined : titled.type
  }

  private take(record: LogRecord, running: number | undefined): void {
    const { pid, at, remote } = record
    const type = pid === running ? 'postmaster' : ofLog(record.backendType, remote)
    // One that finds another at work on the same folder takes nobody's place: it says so, and ends.
    const isSecond = type === 'postmaster' && pid !== running && running !== undefined && this.postmaster === running
    if (isSecond) {
      this.table.started(pid, type, 1, at === undefined ? {} : { at })
    } else if (type === 'postmaster') {
      if (pid !== this.postmaster) this.change(pid, at)
    } else if (type !== undefined && this.postmaster !== undefined) {
      this.table.started(pid, type, this.postmaster, { remote, ...(at === undefined ? {} : { at }) })
    }
    if (this.table.isHidden(pid, remote)) return
    if (record.level === 'FATAL') this.table.willEnd(pid, { code: 1 })
    this.lifecycle.before(record)
    const { level, sqlstate, message, detail, hint, context, statement } = record
    const line = this.teller.tell(
      'log.line',
      this.table.place(pid),
      {
        level,
        message,
        ...(sqlstate === undefined ? {} : { sqlstate }),
        ...(detail === undefined ? {} : { detail }),
        ...(hint === undefined ? {} : { hint }),
        ...(context === undefined ? {} : { context }),
        ...(statement === undefined ? {} : { statement }),
      },
      moreOf(record, 0),
    )
    this.lifecycle.after(record, line)
    if (isSecond && level === 'FATAL') this.table.ended(pid)
  }

  /** Another postmaster than the last one: a new one, or none. */
  private change(to: number | undefined, at?: number): void {
    if (this.postmaster !== undefined) {
      this.table.orphan()
      // One that did not say that it is down was killed: `lost` tells of it, or the next one's start.
      if (to === undefined && this.lifecycle.isUp) return
      this.table.ended(this.postmaster)
      this.lifecycle.down('its postmaster has ended', {})
    }
    this.postmaster = to
    if (to !== undefined) this.table.started(to, 'postmaster', 1, at === undefined ? {} : { at })
  }
}
