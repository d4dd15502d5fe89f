// Names of replication slots, and lists of them as synchronized_standby_slots has it. Mirrors ReplicationSlotValidateName
// and SplitIdentifierString.

export interface NameFault {
  readonly sqlstate: string
  readonly message: string
  readonly hint?: string
}

const longest = 63

export function faultOfSlotName(name: string): NameFault | undefined {
  const slot = `replication slot name "${name}"`
  if (name === '') return { sqlstate: '42602', message: `${slot} is too short` }
  if (name.length > longest) return { sqlstate: '42622', message: `${slot} is too long` }
  if (/^[a-z0-9_]+$/.test(name)) return undefined
  return {
    sqlstate: '42602',
    message: `${slot} contains invalid character`,
    hint: 'Replication slot names may only contain lower case letters, numbers, and the underscore character.',
  }
}

/** Names are separated by commas, and lower case unless they are quoted. undefined: it is no list. */
export function slotNames(text: string): string[] | undefined {
  if (text.trim() === '') return []
  const names: string[] = []
  for (const part of text.match(/(?:"(?:[^"]|"")*"|[^,"])*(?:,|$)/g)!.slice(0, -1)) {
    const word = part.replace(/,$/, '').trim()
    const quoted = /^"((?:[^"]|"")+)"$/.exec(word)
    if (!quoted && !/^[^\s"]+$/.test(word)) return undefined
    names.push(quoted ? quoted[1].replaceAll('""', '"') : word.toLowerCase())
  }
  return text.trimEnd().endsWith(',') ? undefined : names
}
