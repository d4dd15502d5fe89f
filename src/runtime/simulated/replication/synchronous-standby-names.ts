// Reads synchronous_standby_names: `FIRST 2 (s1, s2, s3)`, `ANY 1 (s1, s2)`, `2 (s1, s2)`, `s1, s2`, `*`.
// Mirrors syncrep_gram.y and syncrep_scanner.l.

export interface SynchronousStandbys {
  readonly method: 'priority' | 'quorum'
  /** How many must confirm. */
  readonly count: number
  readonly names: readonly string[]
}

/** undefined: nobody is synchronous. A string says what is wrong. */
export function parseSynchronousStandbyNames(text: string): SynchronousStandbys | string | undefined {
  const tokens: readonly string[] = text.match(/"(?:[^"]|"")*"|[A-Za-z_0-9.$\u0080-\uffff-]+|\S/g) ?? []
  if (tokens.length === 0) return undefined
  let at = 0
  let method: SynchronousStandbys['method'] = 'priority'
  let count = 1
  const keyword = tokens[0].toUpperCase()
  const hasKeyword = (keyword === 'ANY' || keyword === 'FIRST') && /^\d+$/.test(tokens[1] ?? '')
  if (hasKeyword) {
    method = keyword === 'ANY' ? 'quorum' : 'priority'
    at = 1
  }
  const isCounted = /^\d+$/.test(tokens[at]) && tokens[at + 1] === '('
  if (hasKeyword || isCounted) {
    count = Number(tokens[at])
    at++
    if (tokens[at] !== '(' || tokens.at(-1) !== ')') return `syntax error at or near "${tokens[at] ?? ''}"`
    if (count < 1) return `number of synchronous standbys (${count}) must be greater than zero`
  }
  const list = hasKeyword || isCounted ? tokens.slice(at + 1, -1) : tokens
  const names: string[] = []
  for (let index = 0; index < list.length; index++) {
    const isComma = list[index] === ','
    if (isComma !== (index % 2 === 1)) return `syntax error at or near "${list[index]}"`
    if (!isComma) names.push(list[index].startsWith('"') ? list[index].slice(1, -1).replaceAll('""', '"') : list[index])
  }
  if (names.length === 0 || list.length % 2 === 0) return 'syntax error at end of input'
  return { method, count, names }
}

/** The place of an application in the list, from 1; 0 if it is not in there. In a quorum all have place 1. */
export function priorityOf(standbys: SynchronousStandbys, applicationName: string): number {
  const index = standbys.names.findIndex(name => name === '*' || name.toLowerCase() === applicationName.toLowerCase())
  if (index < 0) return 0
  return standbys.method === 'priority' ? index + 1 : 1
}
