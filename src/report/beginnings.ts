// Runs of one file begin alike: the servers start, and only then comes what tells the runs apart. What a run has in
// common with the one before it is told once.

import type { Line } from './line.ts'

/** A shorter beginning is told again. */
const worthLeavingOut = 4

export function withoutCommonBeginning(lines: readonly Line[], before: readonly Line[]): readonly Line[] {
  let common = 0
  while (common < lines.length && common < before.length && saysTheSame(lines[common], before[common])) common++
  if (common < worthLeavingOut) return lines
  const { from } = lines[0]
  const { to } = lines[common - 1]
  const text = `the first ${common} lines are as above`
  return [{ who: '', process: '', text, tone: 'faint', more: [], from, to }, ...lines.slice(common)]
}

function saysTheSame(one: Line, other: Line): boolean {
  return (
    one.time === other.time &&
    one.who === other.who &&
    one.process === other.process &&
    one.text === other.text &&
    one.more.join('\n') === other.more.join('\n')
  )
}
