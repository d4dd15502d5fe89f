// What stays of a message when everything is taken out that differs from one run to the next: LSNs, times, numbers,
// process ids, ports, paths, builds. Two servers that say the same give the same shape.

/** In this order: a later one sees what the ones before have left. */
const replacements: readonly (readonly [RegExp, string])[] = [
  [/\s+/g, ' '],
  [/\bPostgreSQL (\d+)(?:\.\d+|beta\d+|rc\d+|devel)?(?: \([^)]*\))? on .*$/, 'PostgreSQL $1'],
  [/\b\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(?:\.\d+)?(?: ?[A-Z]{2,5}\b|[+-]\d\d(?::?\d\d)?)?/g, '<time>'],
  [/(?<![\w/])[0-9A-F]{1,8}\/[0-9A-F]{1,8}\b/g, '<lsn>'],
  [/\b[0-9A-F]{8}\.history\b/g, '<history>'],
  [/\b[0-9A-F]{24}\b/g, '<segment>'],
  // The log may be read before the client's own port is known, by which it gets its name.
  [/(?<=connection received: host=)(?!\[local\])[^\s(]+/g, '<client>'],
  [/(?<=IPv[46] address )"[^"]*"/g, '<address>'],
  [/(?<![\w.])\d{1,3}(?:\.\d{1,3}){3}(?![\w.])/g, '<address>'],
  [/\bpgsql_tmp\d+/g, 'pgsql_tmp<pid>'],
  // Slots and origins of subscriptions are named by oids, and by the number that initdb gave the cluster.
  [/\bpg_\d+_sync_\d+_\d+\b/g, 'pg_<subscription>_sync_<table>'],
  [/\bpg_\d+_\d+\b/g, 'pg_<subscription>_<table>'],
  [/\bpg_\d+\b/g, 'pg_<subscription>'],
  [/"\/[^"]*"/g, '<path>'],
  // pgdrill turns it on for real servers, to learn of their commits.
  [/\btrack_commit_timestamp=(?:on|off)\b/g, 'track_commit_timestamp=<own>'],
  [/\bmodified locally in transaction (\d+) at <time>/g, 'modified in transaction $1'],
  [/(?<![\w.>])\/(?:[\w.+-]+\/)*[\w.+-]+/g, '<path>'],
]

/** A number says what kind of thing happened behind these words; everywhere else it says how much or which. */
const number = /\b(?:PostgreSQL|signal|exit code|timeline(?: ID:?| is)?|priority) \d+|(?<![A-Za-z_\d<])\d+(?:\.\d+)*/g

export function shapeOf(message: string): string {
  return plainOf(message).replaceAll(number, match => (/^\d/.test(match) ? '#' : match))
}

/** The shape with its numbers: for answers of SQL, where a number is what was asked for. */
export function plainOf(text: string): string {
  let shape = text.trim()
  for (const [pattern, replacement] of replacements) shape = shape.replace(pattern, replacement)
  return shape
}
