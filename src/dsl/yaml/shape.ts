// The shape of a scenario's document: which keys there are, and where a text, a list or a map must stand. It knows no
// words; what the words take is the resolver's.

import { Ajv2020, type ErrorObject, type ValidateFunction } from 'ajv/dist/2020.js'
import { prepositions } from '../../model/scenario.ts'
import type { Complaints } from '../complaints.ts'
import { mostDiagnostics } from '../limits.ts'
import { suggestion } from '../suggest.ts'
import type { Tree } from './document.ts'

/** The words of the header, each a key of the document; `vary` is a map. */
export const headers: readonly string[] = ['drill', 'teaches', 'postgres', 'seed', 'ends']
export const sections = ['cluster', 'clients', 'timeline', 'checks'] as const
/** The keys of a statement that are no word. */
export const slots = ['at', 'when', ...prepositions, 'that', 'set', 'do', 'script'] as const

const text = { type: 'string' }
const values = { type: ['string', 'array'], items: text }
const statements = { type: 'array', items: { $ref: '#/$defs/statement' } }
const settings = { type: 'object', additionalProperties: values }
const each = <T>(keys: readonly string[], shape: T) => Object.fromEntries(keys.map(key => [key, shape]))

const shape = {
  type: 'object',
  properties: {
    ...each(headers, text),
    teaches: values,
    vary: settings,
    ...each(sections, statements),
  },
  additionalProperties: false,
  $defs: {
    statement: {
      type: 'object',
      properties: { ...each(['at', 'when', 'that', 'script'], text), set: settings, do: statements },
      additionalProperties: values,
    },
  },
}

let validate: ValidateFunction | undefined

/** Compiled when the first YAML file is read: a `.drill` need not wait for it. */
function validator(): ValidateFunction {
  validate ??= new Ajv2020({ allErrors: true, strict: true, allowUnionTypes: true }).compile(shape)
  return validate
}

export function checkShape(tree: Tree, complaints: Complaints): void {
  const check = validator()
  if (check(plain(tree))) return
  for (const error of check.errors?.slice(0, mostDiagnostics) ?? []) complain(tree, error, complaints)
}

function plain(tree: Tree): unknown {
  if (tree.kind === 'text') return tree.text.text
  if (tree.kind === 'list') return tree.items.map(plain)
  return Object.fromEntries(tree.entries.map(({ key, value }) => [key.text, plain(value)]))
}

const kinds: Readonly<Record<string, string>> = {
  string: 'one value',
  array: 'a list of statements, each with `- `',
  object: 'a map of keys and values',
}

function complain(tree: Tree, { instancePath, keyword, params }: ErrorObject, complaints: Complaints): void {
  const path = instancePath
    .split('/')
    .slice(1)
    .map(part => part.replaceAll('~1', '/').replaceAll('~0', '~'))
  const found = at(tree, path)
  if (!found) return
  if (keyword === 'additionalProperties' && found.kind === 'map') {
    const name = String(params.additionalProperty)
    const key = found.entries.find(entry => entry.key.text === name)?.key
    const known = Object.keys(shape.properties)
    const help = suggestion(name, known, `statements stand in the sections: ${sections.join(', ')}`)
    complaints.add('yaml', key?.span ?? found.span, `a scenario has no key \`${name}\``, help)
    return
  }
  const wanted = Array.isArray(params.type) ? 'a value or a list of values' : kinds[String(params.type)]
  const last = path.at(-1)
  const message =
    last === undefined
      ? 'a scenario is a map of keys'
      : `${/^\d+$/.test(last) ? 'an item of the list' : `\`${last}\``} must be ${wanted}`
  const list = last !== undefined && found.kind === 'map' && params.type === 'array'
  complaints.add('yaml', firstLine(found), message, list ? 'begin each statement with `- `' : undefined)
}

function firstLine({ span, kind }: Tree): { start: number; end: number } {
  return kind === 'text' ? span : { start: span.start, end: span.start + 1 }
}

function at(tree: Tree, path: readonly string[]): Tree | undefined {
  let found: Tree | undefined = tree
  for (const part of path) {
    if (found?.kind === 'list') found = found.items[Number(part)]
    else if (found?.kind === 'map') found = found.entries.find(entry => entry.key.text === part)?.value
  }
  return found
}
