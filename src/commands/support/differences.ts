// How two texts differ, line by line, with a little of what surrounds each difference.

import { align } from '../../compare/align.ts'

interface Marks {
  readonly removed: (text: string) => string
  readonly added: (text: string) => string
}

type Edit = { readonly kind: ' ' | '-' | '+'; readonly line: string }

const context = 3

export function differences(before: string, after: string, marks: Marks): string {
  const edits = editsOf(before.split('\n'), after.split('\n'))
  const near = new Set<number>()
  edits.forEach(({ kind }, index) => {
    if (kind === ' ') return
    for (let at = index - context; at <= index + context; at++) near.add(at)
  })
  let text = ''
  let skipped = false
  edits.forEach(({ kind, line }, index) => {
    if (!near.has(index)) {
      if (!skipped) text += '    …\n'
      skipped = true
      return
    }
    skipped = false
    const shown = `  ${kind} ${line}`
    text += `${kind === '-' ? marks.removed(shown) : kind === '+' ? marks.added(shown) : shown}\n`
  })
  return text
}

function editsOf(before: readonly string[], after: readonly string[]): Edit[] {
  const edits: Edit[] = []
  let [i, j] = [0, 0]
  const upTo = (here: number, there: number): void => {
    while (i < here) edits.push({ kind: '-', line: before[i++] })
    while (j < there) edits.push({ kind: '+', line: after[j++] })
  }
  for (const [here, there] of align(before, after)) {
    upTo(here, there)
    edits.push({ kind: ' ', line: before[i++] })
    j++
  }
  upTo(before.length, after.length)
  return edits
}
