// The folder of one run: everything that it makes on this machine lies here, the servers' data, their sockets and logs.
// Who made it stands in a record, so that what a killed pgdrill left behind is found and cleared by the next one.

import {
  chmodSync,
  chownSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { identityOf, isAlive, type ProcessIdentity, processesIn } from './process-identity.ts'
import type { ServerUser } from './server-user.ts'
import { removeSharedMemory, sharedFilesOf } from './shared-memory.ts'
import { unmountBelow } from './volumes.ts'

const prefix = 'pgdrill-run-'
const recordName = 'pgdrill.json'

interface Record {
  readonly format: 'pgdrill run folder'
  readonly owner: ProcessIdentity
  /** Somebody wants to look at it: it stays. */
  readonly kept: boolean
}

export class RunFolder {
  readonly path: string
  private readonly user: ServerUser | undefined

  constructor(user: ServerUser | undefined) {
    this.user = user
    // Processes are known by where they work, which the kernel tells without symbolic links.
    this.path = mkdtempSync(join(realpathSync(tmpdir()), prefix))
    this.record(false)
    if (user) chownSync(this.path, user.uid, user.gid)
    chmodSync(this.path, 0o700)
  }

  /** A folder of the servers' user. */
  make(name: string): string {
    const path = join(this.path, name)
    mkdirSync(path, { mode: 0o700 })
    if (this.user) chownSync(path, this.user.uid, this.user.gid)
    return path
  }

  keep(): void {
    this.record(true)
  }

  /** Kills every process that works here, and removes all that is left. */
  remove(): void {
    clear(this.path)
  }

  private record(kept: boolean): void {
    const record: Record = { format: 'pgdrill run folder', owner: identityOf(process.pid)!, kept }
    writeFileSync(join(this.path, recordName), `${JSON.stringify(record)}\n`)
  }
}

/** Clears what runs left behind whose pgdrill was killed; gives the folders. Touches nothing of anybody else's. */
export function clearAbandoned(): string[] {
  const parent = realpathSync(tmpdir())
  const abandoned = readdirSync(parent)
    .filter(name => name.startsWith(prefix))
    .map(name => join(parent, name))
    .filter(isAbandoned)
  for (const path of abandoned) clear(path)
  return abandoned
}

function isAbandoned(path: string): boolean {
  try {
    // Who can't have made it can't have left it: nobody gets root to remove a folder by naming it like one of ours.
    const file = join(path, recordName)
    if (statSync(file).uid !== process.getuid!()) return false
    const record = JSON.parse(readFileSync(file, 'utf8')) as Record
    return record.format === 'pgdrill run folder' && !record.kept && !isAlive(record.owner)
  } catch {
    return false
  }
}

function clear(path: string): void {
  // initdb runs servers of its own, with the default that leaves files in /dev/shm when they are killed.
  const files = processesIn(path).flatMap(({ pid }) => sharedFilesOf(pid))
  killAll(path)
  for (const file of files) rmSync(file, { force: true })
  for (const name of readdirSync(path)) removeSharedMemory(join(path, name, 'data'))
  unmountBelow(path)
  rmSync(path, { recursive: true, force: true, maxRetries: 10, retryDelay: 20 })
}

/** Processes that are killed may have forked once more just before. */
function killAll(path: string): void {
  for (let found = processesIn(path); found.length > 0; found = processesIn(path)) {
    for (const each of found) {
      try {
        if (isAlive(each)) process.kill(each.pid, 'SIGKILL')
      } catch {
        // It has ended by itself.
      }
    }
  }
}
