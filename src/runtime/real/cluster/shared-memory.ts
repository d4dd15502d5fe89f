// The one piece of a server that outlives it outside its folder when all its processes are killed: the System V segment
// that keeps two servers from one data directory. Its number stands in postmaster.pid, which such a server leaves too.
// (Dynamic shared memory is told to lie in the data directory, so nothing is left in /dev/shm.)

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
