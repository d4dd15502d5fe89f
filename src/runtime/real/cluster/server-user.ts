// PostgreSQL refuses to run as root: who the servers run as then.

import { readFileSync } from 'node:fs'

export interface ServerUser {
  readonly name: string
  readonly uid: number
  readonly gid: number
}

/** Undefined: the servers run as whoever runs pgdrill. */
export function serverUser(): ServerUser | undefined {
  if (process.getuid?.() !== 0) return undefined
  const users = readFileSync('/etc/passwd', 'utf8').split('\n').map(userOf)
  return users.find(user => user?.name === 'postgres') ?? users.find(user => user?.name === 'nobody')
}

function userOf(line: string): ServerUser | undefined {
  const [name, , uid, gid] = line.split(':')
  return gid === undefined ? undefined : { name, uid: Number(uid), gid: Number(gid) }
}
