// The processes of one server: tells when they start, change their titles and end, and when clients' sessions begin and
// end. It sees them in the operating system's process list; a process that lives shorter than from one look to the
// next is known from the log alone, or not at all.

import type { EventPlace } from '../../../model/trace.ts'
import type { Names } from '../names.ts'
import { childrenOf, runningProcess, titleOf } from '../proc.ts'
import type { Teller } from '../teller.ts'
import { ofTitle, type TitledProcess } from './process-types.ts'

/** How a process ended; nothing where nobody says. */
export interface Ending {
  readonly code?: number
  /** As in the log: `signal 9: Killed`. */
  readonly signal?: string
}

interface Known {
  readonly pid: number
  type: string
  /** Of an observing connection: nothing of it is told. */
  readonly isHidden: boolean
  readonly startedAt: number | undefined
  title: string | undefined
  /** The number of the event that told of its session, where it has one. */
  opened: number | undefined
  /** How it will have ended, known before it is gone. */
  ending: Ending | undefined
  /** In how many looks in a row it was missing, and since when. */
  missing: number
  missingSince: number
  /** Looks that have seen its session without knowing whose it is. */
  nameless: number
  /** Its postmaster is gone. */
  isOrphan: boolean
}

/** For so many looks a session waits for the name of its client's end. */
const graceForNames = 5
/** Only after so many looks: the log line that says how it ended may be under way. */
const missingUntilTold = 2

export interface ProcessesOptions {
  readonly node: string
  readonly teller: Teller
  readonly names: Names
  readonly isObserver: (pid: number) => boolean
}

export class Processes {
  private readonly options: ProcessesOptions
  private readonly known = new Map<number, Known>()
  /** Everybody was told to quit at once: their sessions end without a word. */
  areQuitting = false

  constructor(options: ProcessesOptions) {
    this.options = options
  }

  place(pid: number): EventPlace {
    const { node } = this.options
    const type = this.known.get(pid)?.type
    return type === undefined ? { node, pid } : { node, pid, process: type }
  }

  isHidden(pid: number, remote: string): boolean {
    return this.known.get(pid)?.isHidden ?? this.isOfObserver(pid, remote)
  }

  /** Those whose postmaster is gone. */
  get orphans(): readonly number[] {
    return [...this.known.values()].filter(({ isOrphan }) => isOrphan).map(({ pid }) => pid)
  }

  /** pgdrill observes over the Unix socket, and clients of scenarios never come that way. */
  private isOfObserver(pid: number, remote: string | undefined): boolean {
    return remote === '[local]' || this.options.isObserver(pid)
  }

  /** Tells of a process that is not known yet. `parent`: 1 for a postmaster. */
  started(
    pid: number,
    type: string,
    parent: number,
    more: { readonly at?: number; readonly remote?: string } = {},
  ): void {
    if (this.known.has(pid)) return
    // A WAL sender is forked as any backend.
    const firstType = type === 'walsender' ? 'backend' : type
    const process: Known = {
      pid,
      type: firstType,
      isHidden: this.isOfObserver(pid, more.remote),
      startedAt: runningProcess(pid)?.startedAt,
      title: undefined,
      opened: undefined,
      ending: undefined,
      missing: 0,
      missingSince: 0,
      nameless: 0,
      isOrphan: false,
    }
    this.known.set(pid, process)
    if (!process.isHidden) {
      const at = more.at === undefined ? {} : { at: more.at }
      this.options.teller.tell('process.started', this.place(pid), { type: firstType, parent }, at)
    }
    process.type = type
  }

  /** How a process will have ended, once it is gone. */
  willEnd(pid: number, ending: Ending): void {
    const process = this.known.get(pid)
    if (process) process.ending ??= ending
  }

  /** Tells that it is gone. */
  ended(pid: number, ending: Ending = {}, at?: number): void {
    const process = this.known.get(pid)
    if (!process) return
    this.known.delete(pid)
    if (process.isHidden) return
    const { teller, node } = this.options
    const { type, opened } = process
    const how = Object.keys(ending).length > 0 ? ending : (process.ending ?? {})
    const more = at === undefined ? {} : { at }
    const place = { node, pid, process: type }
    const endsInOrder = how.signal === undefined && !this.areQuitting
    if (opened !== undefined && endsInOrder) {
      teller.tell('connection.closed', place, { backend: pid }, { ...more, ...(opened ? { cause: opened } : {}) })
    }
    teller.tell('process.exited', place, { type, ...how }, more)
  }

  /** Tells that everybody is gone whom the postmaster has waited for: all but itself and the logger. */
  allEnded(at?: number): void {
    for (const { pid, type, isOrphan } of [...this.known.values()]) {
      if (type !== 'postmaster' && type !== 'logger' && !isOrphan) this.ended(pid, {}, at)
    }
  }

  /** Tells nothing of those who were there. */
  forget(): void {
    this.known.clear()
  }

  /** Their postmaster is gone: each is watched by itself until it is, too. */
  orphan(): void {
    for (const process of this.known.values()) process.isOrphan = true
  }

  /** Looks at the process list. `children`: what `childrenNow` gave before the log was read. */
  look(postmaster: number | undefined, children: ReadonlySet<number>): void {
    const now = Date.now()
    const others = [...this.known.values()].filter(({ pid, type }) => pid !== postmaster && type !== 'postmaster')
    // A list that is read while one child ends may lack others, who are alive.
    const isAlive = (process: Known) => process.startedAt !== undefined && isSame(process)
    const isThere = (process: Known) =>
      process.isOrphan ? isSame(process) : children.has(process.pid) || isAlive(process)
    // Who has come took the place of who has gone: that one's end is told first, with or without a line of the log.
    const hasNews =
      [...children].some(pid => !this.known.has(pid)) || others.some(each => isThere(each) && awaits(each))
    for (const process of others) if (!isThere(process)) this.miss(process, now, hasNews)
    for (const pid of children) if (!this.known.has(pid)) this.discover(pid, postmaster!)
    for (const process of [...this.known.values()]) {
      if (process.pid !== postmaster && process.type !== 'postmaster' && isThere(process)) this.follow(process)
    }
  }

  private miss(process: Known, now: number, atOnce: boolean): void {
    if (process.missing++ === 0) process.missingSince = now
    if (atOnce || process.ending !== undefined || process.isOrphan || process.missing >= missingUntilTold) {
      this.ended(process.pid, {}, process.missingSince)
    }
  }

  /** A child that still has its postmaster's title is not told of before it has its own. */
  private discover(pid: number, postmaster: number): void {
    const title = titleOf(pid)
    const titled = title === undefined ? undefined : ofTitle(title)
    if (!titled) return
    this.started(pid, titled.type, postmaster, titled.remote === undefined ? {} : { remote: titled.remote })
  }

  private follow(process: Known): void {
    process.missing = 0
    if (process.isHidden) return
    const { teller, names } = this.options
    const awaitsSession = awaits(process)
    if (!awaitsSession && !teller.wants('process.titled')) return
    const title = titleOf(process.pid)
    const titled = title === undefined || title === process.title ? undefined : ofTitle(title)
    if (!titled) return
    if (process.type === 'backend') process.type = titled.type
    if (awaitsSession && titled.isOpen && !this.open(process, titled)) return
    process.title = title
    if (teller.wants('process.titled')) {
      teller.tell('process.titled', this.place(process.pid), { type: process.type, title: names.translate(title!) })
    }
  }

  /** Tells of its session; false: not yet, because nobody has named the client's end. */
  private open(process: Known, { remote }: TitledProcess): boolean {
    const { teller, names } = this.options
    const port = Number(/\((\d+)\)$/.exec(remote!)?.[1])
    const from = names.endpoint(port)
    if (from === undefined && process.nameless++ < graceForNames) return false
    const fields = { backend: process.pid, from: from ?? remote! }
    process.opened = teller.tell('connection.opened', this.place(process.pid), fields)
    return true
  }
}

/** Its session has not begun yet, as far as was told. */
function awaits({ type, opened, isHidden }: Known): boolean {
  return !isHidden && opened === undefined && (type === 'backend' || type === 'walsender')
}

/** The pid is still that process's. */
function isSame({ pid, startedAt }: Known): boolean {
  const running = runningProcess(pid)
  return running !== undefined && (startedAt === undefined || running.startedAt === startedAt)
}

/** The children of a postmaster that are alive. */
export function childrenNow(postmaster: number | undefined): ReadonlySet<number> {
  if (postmaster === undefined) return new Set()
  const children = childrenOf(postmaster)
  // Who has ended stays in the list until the postmaster looks, which one that is stopped does not.
  const looks = runningProcess(postmaster)?.state !== 'T'
  return new Set(looks ? children : children.filter(pid => runningProcess(pid) !== undefined))
}
