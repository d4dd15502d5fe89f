// What a process is called in events, from its title (what ps shows) and from the type that the log names.

export interface TitledProcess {
  /** As events call it: backend, walsender, checkpointer, … */
  readonly type: string
  /** The client's end: `127.0.0.1(54321)`, `[local]`; missing where there is no client. */
  readonly remote?: string
  /** The session of its client stands. */
  readonly isOpen: boolean
}

/** Longer names first where one begins like another. */
const titles: readonly (readonly [title: string, type: string])[] = [
  ['background writer', 'bgwriter'],
  ['checkpointer', 'checkpointer'],
  ['walwriter', 'walwriter'],
  ['walreceiver', 'walreceiver'],
  ['walsummarizer', 'walsummarizer'],
  ['startup', 'startup'],
  ['archiver', 'archiver'],
  ['logger', 'logger'],
  ['io worker', 'io worker'],
  ['slotsync worker', 'slotsync worker'],
  ['autovacuum launcher', 'autovacuum launcher'],
  ['autovacuum worker', 'autovacuum worker'],
  ['logical replication launcher', 'logical replication launcher'],
  ['logical replication', 'logical replication worker'],
  ['parallel worker', 'parallel worker'],
]

const session = /^(.*?)(\S+\(\d+\)|\[local\]) ?(.*)$/
/** What a backend is doing until its session stands. */
const opening = new Set(['', 'initializing', 'authentication', 'startup'])

/** undefined: the title is still the postmaster's. */
export function ofTitle(title: string): TitledProcess | undefined {
  if (!title.startsWith('postgres: ')) return undefined
  const who = title.slice('postgres: '.length)
  const match = session.exec(who)
  if (match) {
    const [, before, remote, activity] = match
    return { type: /(^|: )walsender /.test(before) ? 'walsender' : 'backend', remote, isOpen: !opening.has(activity) }
  }
  const type = typeOf(who) ?? typeOf(who.slice(who.indexOf(': ') + 2))
  // It is written over the postmaster's command line, of which the rest still shows.
  if (type === undefined && who.includes('/')) return undefined
  return { type: type ?? who.trim(), isOpen: false }
}

/** By how the title begins, with the cluster's name left out. */
function typeOf(who: string): string | undefined {
  return titles.find(([title]) => who === title || who.startsWith(`${title} `))?.[1]
}

const backendTypes: Readonly<Record<string, string>> = {
  'client backend': 'backend',
  'dead-end client backend': 'backend',
  'background writer': 'bgwriter',
  'logical replication apply worker': 'logical replication worker',
  'logical replication tablesync worker': 'logical replication worker',
}

/** undefined: the log did not say. */
export function ofLog(backendType: string, remote: string): string | undefined {
  if (backendType === '' || backendType === 'not initialized') return remote === '' ? undefined : 'backend'
  return backendTypes[backendType] ?? backendType
}
