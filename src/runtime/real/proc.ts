// Linux's process list: whether a process runs and since when, its children, its title.

import { closeSync, existsSync, openSync, readdirSync, readSync } from 'node:fs'

/** A process that runs, or is stopped; those that ended and were not waited for are not here. */
export interface RunningProcess {
  readonly pid: number
  readonly parent: number
  /** One letter as ps shows it: R, S, D, T, … */
  readonly state: string
  /** In clock ticks since the machine started: tells a process from another that has its pid later. */
  readonly startedAt: number
}

const buffer = Buffer.alloc(8192)

function read(path: string): string | undefined {
  let file: number
  try {
    file = openSync(path, 'r')
  } catch {
    return undefined
  }
  try {
    return buffer.toString('utf8', 0, readSync(file, buffer, 0, buffer.length, 0))
  } catch {
    // It ended between opening and reading.
    return undefined
  } finally {
    closeSync(file)
  }
}

/** undefined: there is no such process any more. */
export function runningProcess(pid: number): RunningProcess | undefined {
  const stat = read(`/proc/${pid}/stat`)
  if (!stat) return undefined
  // The name stands in parentheses and may hold anything.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  const [state, parent] = fields
  return state === 'Z' || state === 'X'
    ? undefined
    : { pid, parent: Number(parent), state, startedAt: Number(fields[19]) }
}

const listsChildren = existsSync(`/proc/self/task/${process.pid}/children`)

/** The pids of a process's children, those among them that have ended and were not waited for. */
export function childrenOf(pid: number): number[] {
  if (listsChildren) {
    const children = read(`/proc/${pid}/task/${pid}/children`)
    // A list that fills the buffer may be longer.
    if (children === undefined || children.length < buffer.length)
      return (children ?? '').split(' ').filter(Boolean).map(Number)
  }
  return readdirSync('/proc')
    .filter(name => /^\d+$/.test(name))
    .map(Number)
    .filter(each => runningProcess(each)?.parent === pid)
}

/** What ps shows; undefined: there is no such process any more. */
export function titleOf(pid: number): string | undefined {
  const line = read(`/proc/${pid}/cmdline`)
  if (!line) return undefined
  const end = line.indexOf('\0')
  return end < 0 ? line : line.slice(0, end)
}
