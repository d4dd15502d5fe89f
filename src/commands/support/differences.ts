// How two texts differ, line by line, with a little of what surrounds each difference.

interface Marks {
  readonly removed: (text: string) => string
  readonly added: (text: string) => string
}

type Edit = { readonly kind: ' ' | '-' | '+'; readonly line: string }

const context = 3
/** Where the middles differ in more lines than this they are shown one after the other. */
const mostLines = 3000

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
  let head = 0
  while (head < before.length && head < after.length && before[head] === after[head]) head++
  let tail = 0
  const most = Math.min(before.length, after.length) - head
  while (tail < most && before[before.length - 1 - tail] === after[after.length - 1 - tail]) tail++
  const same = (line: string): Edit => ({ kind: ' ', line })
  return [
    ...before.slice(0, head).map(same),
    ...middle(before.slice(head, before.length - tail), after.slice(head, after.length - tail)),
    ...before.slice(before.length - tail).map(same),
  ]
}

/** By the longest common subsequence. */
function middle(before: readonly string[], after: readonly string[]): Edit[] {
  const removed = (line: string): Edit => ({ kind: '-', line })
  const added = (line: string): Edit => ({ kind: '+', line })
  if (before.length > mostLines || after.length > mostLines) return [...before.map(removed), ...after.map(added)]
  const width = after.length + 1
  const longest = new Uint16Array((before.length + 1) * width)
  for (let i = before.length - 1; i >= 0; i--) {
    for (let j = after.length - 1; j >= 0; j--) {
      const [right, below, across] = [i * width + j + 1, (i + 1) * width + j, (i + 1) * width + j + 1]
      longest[i * width + j] = before[i] === after[j] ? longest[across] + 1 : Math.max(longest[right], longest[below])
    }
  }
  const edits: Edit[] = []
  let [i, j] = [0, 0]
  while (i < before.length || j < after.length) {
    if (i < before.length && j < after.length && before[i] === after[j]) {
      edits.push({ kind: ' ', line: before[i++] })
      j++
    } else if (
      j === after.length ||
      (i < before.length && longest[(i + 1) * width + j] >= longest[i * width + j + 1])
    ) {
      edits.push(removed(before[i++]))
    } else edits.push(added(after[j++]))
  }
  return edits
}
