// A text that a person wrote, and places in it. Offsets count UTF-16 code units from 0, as JavaScript's strings do.

export interface SourceFile {
  /** The name as the person gave it, for messages. */
  readonly name: string
  readonly text: string
}

/** From `start` up to, but not including, `end`. */
export interface Span {
  readonly start: number
  readonly end: number
}

/** Line and column count from 1, as editors do. */
export interface Position {
  readonly line: number
  readonly column: number
}

/** Gives the line and column of an offset; an offset past the end is the end. */
export function positionOf(source: SourceFile, offset: number): Position {
  const before = source.text.slice(0, Math.max(0, offset))
  const lineStart = before.lastIndexOf('\n') + 1
  let line = 1
  for (let at = before.indexOf('\n'); at !== -1; at = before.indexOf('\n', at + 1)) line++
  return { line, column: before.length - lineStart + 1 }
}
