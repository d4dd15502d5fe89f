// docs/fidelity.md: what the simulation was held against, and what came of it. Nothing in it says when or where it was
// made; what real servers did differently among themselves is told apart, as another day it will be something else.

import { padEnd, widthOf } from '../report/index.ts'
import { variesRule } from './compare.ts'
import type { Comparison, Difference } from './comparison.ts'
import { lateRule } from './logs.ts'
import { rowName, serversOf } from './many.ts'
import { limitedRule } from './round.ts'
import { rules } from './rules.ts'
import { shapeOf } from './shape.ts'
import { nameOf, serverName } from './text.ts'

/** `version`: pgdrill's. */
export function fidelity(comparisons: readonly Comparison[], version: string): string {
  const sections = [
    head(comparisons, version),
    table(comparisons),
    differences(comparisons),
    unstable(comparisons),
    shortfalls(comparisons),
    tolerances(),
  ]
  return `${sections.filter(section => section !== '').join('\n\n')}\n`
}

function head(comparisons: readonly Comparison[], version: string): string {
  return `# Fidelity

What \`pgdrill compare\` wrote when pgdrill ${version} had played each scenario below on its simulation and on real
servers. A check agrees if it holds on both or fails on both. A comparison agrees if its checks do, and the servers'
logs, processes, sessions and clients tell the same but for the tolerances below.

Played on ${list(serversOf(comparisons))}.`
}

function table(comparisons: readonly Comparison[]): string {
  const servers = serversOf(comparisons)
  const rows = [...new Set(comparisons.map(rowName))].map(name => {
    const cells = servers.map(server => {
      const comparison = comparisons.find(each => rowName(each) === name && serverName(each) === server)
      return comparison === undefined ? '' : verdictOf(comparison)
    })
    return [escaped(name), ...cells]
  })
  return aligned([['scenario', ...servers], ...rows])
}

/** As formatters of Markdown lay tables out; the first row is the head. */
function aligned(rows: readonly (readonly string[])[]): string {
  const widths = rows[0].map((_cell, at) => Math.max(3, ...rows.map(row => widthOf(row[at]))))
  const line = (cells: readonly string[]) => `| ${cells.map((cell, at) => padEnd(cell, widths[at])).join(' | ')} |`
  const [head, ...body] = rows.map(line)
  return [head, line(widths.map(width => '-'.repeat(width))), ...body].join('\n')
}

function verdictOf({ agrees, checks, differences, shortfalls, repeats }: Comparison): string {
  const skipped = checks.filter(({ result }) => result === 'skipped').length
  const agreed = checks.filter(({ result }) => result === 'both hold' || result === 'both fail').length
  const parts = [
    agrees ? '✓ agrees' : `✗ ${differences.length} ${differences.length === 1 ? 'difference' : 'differences'}`,
  ]
  parts.push(`${agreed} of ${checks.length} checks`)
  if (skipped > 0) parts.push(`${skipped} skipped`)
  if (shortfalls.length > 0) parts.push('in part')
  if (repeats > 1) parts.push(`${repeats} runs`)
  return parts.join(', ')
}

function differences(comparisons: readonly Comparison[]): string {
  return section(
    '## Where they differ',
    comparisons.flatMap(comparison => comparison.differences.map(difference => rowOf(comparison, difference))),
  )
}

function unstable(comparisons: readonly Comparison[]): string {
  return section(
    '## What only some of several real runs did otherwise',
    comparisons.flatMap(comparison =>
      comparison.unstable.map(
        difference => `${rowOf(comparison, difference)}, in ${difference.seen} of ${comparison.repeats} runs`,
      ),
    ),
  )
}

function rowOf(comparison: Comparison, { kind, place, text, mark }: Difference): string {
  const what = escaped(`${place} ${shapeOf(text)}`.trim())
  const how = kind === 'check' ? ' differs' : ` (${mark === 'details' ? 'other details' : mark})`
  return `- ${escaped(nameOf(comparison))}, ${serverName(comparison)}: ${kind} ${what}${how}`
}

function section(head: string, lines: readonly string[]): string {
  return lines.length === 0 ? '' : [head, '', ...new Set(lines)].join('\n')
}

function shortfalls(comparisons: readonly Comparison[]): string {
  const lines = comparisons.flatMap(comparison =>
    comparison.shortfalls.map(
      ({ kind, text, reason }) =>
        `- ${escaped(nameOf(comparison))}: \`${shapeOf(text)}\` is ${kind === 'skipped' ? 'skipped' : 'done in part'}: ${escaped(reason)}`,
    ),
  )
  return section('## What real servers cannot be made to do', lines)
}

function tolerances(): string {
  const written = (all: readonly { readonly name: string; readonly because: string }[]) =>
    all.map(({ name, because }) => `- **${name}**: ${because}.`)
  const [orders, others] = [rules.filter(({ lets }) => lets === 'never'), rules.filter(({ lets }) => lets !== 'never')]
  return [
    '## What two right runs may differ in',
    '',
    ...written([...others, lateRule, limitedRule, variesRule]),
    '',
    '## Orders across processes that both must keep',
    '',
    ...written(orders),
  ].join('\n')
}

function list(names: readonly string[]): string {
  return names.length < 2 ? names.join('') : `${names.slice(0, -1).join(', ')} and ${names.at(-1)}`
}

function escaped(text: string): string {
  return text.replaceAll(/[|<>*]/g, letter => `\\${letter}`)
}
