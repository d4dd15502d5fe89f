// Reads a connection string of libpq, as primary_conninfo has it: keyword = value pairs, values perhaps in quotes.

export function parseConninfo(text: string): ReadonlyMap<string, string> {
  const pairs = new Map<string, string>()
  for (const match of text.matchAll(/(\w+)\s*=\s*(?:'((?:[^'\\]|\\.)*)'|(\S+))/g)) {
    pairs.set(match[1], match[2] === undefined ? match[3] : match[2].replace(/\\(.)/g, '$1'))
  }
  return pairs
}
