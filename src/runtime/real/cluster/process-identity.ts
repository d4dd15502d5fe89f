// Which process is which on this machine: a pid alone may have been given out again, a pid with its start time has not.
// Reads Linux's /proc; signals nothing.

import { readdirSync, readlinkSync } from 'node:fs'
import { runningProcess } from '../proc.ts'

export interface ProcessIdentity {
  readonly pid: number
  /** In clock ticks since the machine started. */
  readonly startTime: number
}

/** Undefined if there is no such process, or nothing but its exit status is left of it. */
export function identityOf(pid: number): ProcessIdentity | undefined {
  const running = runningProcess(pid)
  return running && { pid, startTime: running.startedAt }
}

export function isAlive({ pid, startTime }: ProcessIdentity): boolean {
  return identityOf(pid)?.startTime === startTime
}

/** Processes that work in this folder or below it: a server's processes work in its data directory, all their life. */
export function processesIn(folder: string): ProcessIdentity[] {
  return readdirSync('/proc')
    .filter(name => /^\d+$/.test(name) && worksIn(name, folder))
    .flatMap(name => identityOf(Number(name)) ?? [])
}

function worksIn(pid: string, folder: string): boolean {
  try {
    const place = readlinkSync(`/proc/${pid}/cwd`).replace(/ \(deleted\)$/, '')
    return place === folder || place.startsWith(`${folder}/`)
  } catch {
    return false
  }
}
