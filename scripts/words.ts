// The table of words in docs/language.md, made from the vocabulary.

import type { Parameter, Section, WordDefinition } from '../src/model/vocabulary.ts'

const titles: readonly (readonly [Section, string])[] = [
  ['header', 'Header'],
  ['cluster', 'Topology'],
  ['clients', 'Clients'],
  ['timeline', 'Actions and lessons'],
  ['checks', 'Checks'],
]

export function tablesOfWords(words: readonly WordDefinition[]): string {
  return titles
    .map(([section, title]) => `### ${title}\n\n${table(words.filter(word => word.section === section))}`)
    .join('\n')
}

function table(words: readonly WordDefinition[]): string {
  const rows = words.map(word => [nameOf(word), aboutOf(word), parametersOf(word), blockOf(word), word.summary])
  return tableOf([['word', 'about', 'parameters', 'settings, body, script', 'what it is'], ...rows])
}

/** Markdown; the first row is the heading. */
export function tableOf(all: readonly (readonly string[])[]): string {
  const widths = all[0].map((_, column) => Math.max(...all.map(row => row[column].length)))
  const line = (row: readonly string[]) => `| ${row.map((cell, column) => cell.padEnd(widths[column])).join(' | ')} |\n`
  const rule = widths.map(width => '-'.repeat(width))
  return [line(all[0]), line(rule), ...all.slice(1).map(line)].join('')
}

function nameOf({ name, inside, notModelled }: WordDefinition): string {
  const where = inside ? ` in \`${inside.join('`, `')}\`` : ''
  return `\`${name}\`${where}${notModelled === undefined ? '' : ' (not played yet)'}`
}

function aboutOf({ about }: WordDefinition): string {
  return about ? typeOf(about) : ''
}

function parametersOf({ parameters = {}, lead }: WordDefinition): string {
  const led = { none: [], optional: ['a lead?'], required: ['a lead'] }[lead]
  const own = Object.entries(parameters).map(([name, parameter]) => `\`${name}\` ${typeOf(parameter)}`)
  return [...led, ...own].join(', ')
}

function blockOf({ settings = {}, postgresSettings, body, script, that }: WordDefinition): string {
  const names = Object.entries(settings).map(([name, { optional }]) => `\`${name}\`${optional ? '?' : ''}`)
  const parts = [...names, ...(postgresSettings ? ["PostgreSQL's settings"] : [])]
  if (that) parts.push('`that` formula')
  if (body) parts.push(...body.map(name => `\`${name}\` …`))
  if (script) parts.push(`${script.language === 'sql' ? 'SQL' : 'pgbench script'}${script.unless ? '?' : ''}`)
  return parts.join(', ')
}

function typeOf(parameter: Parameter): string {
  const marks = `${parameter.list ? '…' : ''}${parameter.optional ? '?' : ''}`
  return `${kindOf(parameter)}${marks}`
}

function kindOf(parameter: Parameter): string {
  switch (parameter.type) {
    case 'declares':
      return `_name_ of ${parameter.thing === 'archive' ? 'an' : 'a'} ${parameter.thing}`
    case 'refers':
      return [...(parameter.words ?? []), parameter.things.map(thing => `_${thing}_`).join(' or ')].join(', ')
    case 'keyword':
      return parameter.choices.join(', ')
    case 'prose':
      return '_text_'
    case 'any':
      return '_value_'
    default:
      return `_${parameter.type}_`
  }
}
