// docs/fidelity.md: what the simulation was held against, and what came of it. Nothing in it says when or where it was
// made, nor what differs between two real runs, so it is the same again if nothing has changed.

import { padEnd, widthOf } from '../report/index.ts'
import { variesRule } from './compare.ts'
import type { Comparison } from './comparison.ts'
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

function verdictOf({ agrees, checks, differences, shortfalls }: Comparison): string {
  const skipped = checks.filter(({ result }) => result === 'skipped').length
  const agreed = checks.filter(({ result }) => result === 'both hold' || result === 'both fail').length
  const parts = [
    agrees ? '✓ agrees' : `✗ ${differences.length} ${differences.length === 1 ? 'difference' : 'differences'}`,
  ]
  parts.push(`${agreed} of ${checks.length} checks`)
  if (skipped > 0) parts.push(`${skipped} skipped`)
  if (shortfalls.length > 0) parts.push('in part')
  return parts.join(', ')
}

function differences(comparisons: readonly Comparison[]): string {
  const lines = comparisons.flatMap(comparison =>
    comparison.differences.map(
      ({ kind, place, text, mark }) =>
        `- ${escaped(nameOf(comparison))}, ${serverName(comparison)}: ${kind} ${escaped(`${place} ${shapeOf(text)}`.trim())}${kind === 'check' ? ' differs' : ` (${mark === 'details' ? 'other details' : mark})`}`,
    ),
  )
  return lines.length === 0 ? '' : ['## Where they differ', '', ...new Set(lines)].join('\n')
}

function shortfalls(comparisons: readonly Comparison[]): string {
  const lines = comparisons.flatMap(comparison =>
    comparison.shortfalls.map(
      ({ kind, text, reason }) =>
        `- ${escaped(nameOf(comparison))}: \`${shapeOf(text)}\` is ${kind === 'skipped' ? 'skipped' : 'done in part'}: ${escaped(reason)}`,
    ),
  )
  return lines.length === 0 ? '' : ['## What real servers cannot be made to do', '', ...new Set(lines)].join('\n')
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
