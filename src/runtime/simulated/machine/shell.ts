// The shell of a server's machine: what system(3) makes of a command. It knows `true`, `false`, `test ! -f FILE` and
// `cp FROM TO`, joined by `&&`; any other command is not found. Relative paths begin at the data directory; absolute
// ones are files of archives, one archive a directory: files are copied from the one to the other.
//
// | fault | what happens |
// |---|---|
// | a kind of command is made to fail | it ends with exit code 1, and does nothing |

import { millisecond } from '../../../model/units.ts'
import type { Coroutine } from '../kernel/task.ts'
import { Archive } from './archive.ts'
import type { Process } from './process.ts'
import type { ExitStatus, Signal } from './signals.ts'
import type { Volume } from './volume.ts'

/** From fork to the shell's own code, and from there to a program's. */
const shellCost = millisecond
const programCost = millisecond

const success = 0
const failure = 1
const commandNotFound = 127

interface Program {
  /** What its arguments must look like. */
  readonly takes: RegExp
  /** How long it runs, and then what it does; gives its exit code. */
  readonly run: (shell: Shell, args: readonly string[]) => { readonly duration: number; readonly finish: () => number }
}

const immediately = (code: number) => ({ duration: 0, finish: () => code })

const programs: Readonly<Record<string, Program>> = {
  true: { takes: /^$/, run: () => immediately(success) },
  false: { takes: /^$/, run: () => immediately(failure) },
  test: {
    takes: /^! -[ef] \/\S*[^/\s]$/,
    run: (shell, [, , path]) => immediately(shell.archiveOf(path).has(nameIn(path)) ? failure : success),
  },
  cp: {
    takes: /^(-[fp] )*([^/\s-]\S* \/\S*[^/\s]|\/\S*[^/\s] [^/\s-]\S*)$/,
    run(shell, args) {
      const [from, to] = args.slice(-2)
      return from.startsWith('/') ? fetch(shell, from, to) : store(shell, from, to)
    },
  },
}

function store(shell: Shell, from: string, to: string): ReturnType<Program['run']> {
  const archive = shell.archiveOf(to)
  const file = shell.volumeOf(from).find(from)
  if (!file) return immediately(failure)
  const finish = () => {
    archive.add(nameIn(to), file)
    return success
  }
  return { duration: archive.timeToCopy(file.size), finish }
}

function fetch(shell: Shell, from: string, to: string): ReturnType<Program['run']> {
  const archive = shell.archiveOf(from)
  const file = archive.get(nameIn(from))
  if (!file) return { duration: archive.timeToCopy(0), finish: () => failure }
  const finish = () => (shell.volumeOf(to).receive(to, file) ? success : failure)
  return { duration: archive.timeToCopy(file.size), finish }
}

/** What a server has a shell for. */
export type CommandKind = 'archive_command' | 'restore_command' | 'recovery_end_command' | 'archive_cleanup_command'

export interface CommandRun {
  readonly kind: CommandKind
  readonly waitEvent: string
  /** Tells of a signal that has ended it meanwhile. */
  readonly interruptedBy: () => Signal | undefined
}

export class Shell {
  /** The volume that a relative path leads to. */
  readonly volumeOf: (path: string) => Volume
  /** The kinds of commands that fail now. */
  readonly failing = new Set<CommandKind>()
  private readonly archives = new Map<string, Archive>()

  constructor(volumeOf: (path: string) => Volume) {
    this.volumeOf = volumeOf
  }

  /** From now on files in this directory are the archive's. */
  mount(directory: string, archive: Archive): void {
    this.archives.set(directory, archive)
  }

  /** The archive that has the directory of this file. */
  archiveOf(path: string): Archive {
    const directory = path.slice(0, path.lastIndexOf('/'))
    const archive = this.archives.get(directory) ?? new Archive('directory')
    this.archives.set(directory, archive)
    return archive
  }

  /** Runs a command and waits for it. */
  *run(me: Process, command: string, what: CommandRun): Coroutine<ExitStatus> {
    let isInterrupted = yield* wait(me, shellCost, what)
    for (const words of simpleCommands(command)) {
      if (isInterrupted) break
      const program = programOf(words)
      if (this.failing.has(what.kind)) return { code: failure }
      if (!program) return { code: commandNotFound }
      const { duration, finish } = program.run(this, words.slice(1))
      isInterrupted = yield* wait(me, programCost + duration, what)
      if (isInterrupted) break
      const code = finish()
      if (code !== success) return { code }
    }
    return isInterrupted ? { signal: what.interruptedBy()! } : { code: success }
  }
}

/** Whether the shell knows every command in it, and what to do with its arguments. */
export function understands(command: string): boolean {
  return simpleCommands(command).every(words => programOf(words) !== undefined)
}

/** Each as its words, without the quotes around them. */
function simpleCommands(command: string): string[][] {
  return command.split('&&').map(each =>
    each
      .trim()
      .split(/\s+/)
      .map(word => word.replace(/^(["'])(.*)\1$/, '$2')),
  )
}

function programOf([path, ...args]: readonly string[]): Program | undefined {
  const name = path.replace(/^(\/usr)?\/bin\//, '')
  if (!Object.hasOwn(programs, name)) return undefined
  return programs[name].takes.test(args.join(' ')) ? programs[name] : undefined
}

function nameIn(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1)
}

/** True: it was interrupted. What sets the latch meanwhile is for the caller, who finds it set. */
function* wait(me: Process, duration: number, { waitEvent, interruptedBy }: CommandRun): Coroutine<boolean> {
  const until = me.now() + duration
  let wasSet = false
  while (me.now() < until && interruptedBy() === undefined) {
    wasSet = me.latch.isSet || wasSet
    me.latch.reset()
    yield* me.waitLatch({ until, waitEvent })
  }
  if (wasSet) me.latch.set()
  return interruptedBy() !== undefined
}
