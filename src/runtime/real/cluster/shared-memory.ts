// What of a server outlives it outside its folder when all its processes are killed. The System V segment that keeps two
// servers from one data directory: its number stands in postmaster.pid, which such a server leaves too. And files in
// /dev/shm, where dynamic shared memory lies unless it is told to lie in the data directory.

import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'

/** Removes the segment of a server that is dead; nothing, if it took it away itself or anybody still uses it. */
export function removeSharedMemory(dataFolder: string): void {
  const [key, id] = segmentOf(dataFolder)
  if (id === undefined || !isAbandoned(key, id)) return
  try {
    execFileSync('ipcrm', ['-m', id], { stdio: 'ignore' })
  } catch {
    // Somebody was quicker, or this system has no ipcrm: the next server of this folder would remove it.
  }
}

/** The files of dynamic shared memory that a process has mapped. */
export function sharedFilesOf(pid: number): string[] {
  try {
    const maps = readFileSync(`/proc/${pid}/maps`, 'utf8')
    return [...new Set(maps.match(/\/dev\/shm\/PostgreSQL\.\d+$/gm) ?? [])]
  } catch {
    return []
  }
}

function segmentOf(dataFolder: string): string[] {
  try {
    // The seventh line: the key and the identifier.
    const line = readFileSync(join(dataFolder, 'postmaster.pid'), 'utf8').split('\n')[6] ?? ''
    return line.trim().split(/\s+/)
  } catch {
    return []
  }
}

/** There is a segment of this key and identifier, and no process is attached to it. */
function isAbandoned(key: string, id: string): boolean {
  const [, ...rows] = readFileSync('/proc/sysvipc/shm', 'utf8').trim().split('\n')
  return rows.some(row => {
    const fields = row.trim().split(/\s+/)
    return Number(fields[0]) >>> 0 === Number(key) >>> 0 && fields[1] === id && fields[6] === '0'
  })
}
