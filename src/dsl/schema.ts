// The JSON Schema of the YAML spelling, made from the vocabulary, for editors: it offers the words of each section, what
// they take, and PostgreSQL's settings. What only the resolver can know (names, circles, versions) it lets pass.

import { type Preposition, prepositions } from '../model/scenario.ts'
import { formatSetting, isInvalidSetting, parseSetting } from '../model/setting-value.ts'
import type { Parameter, Section, SettingDefinition, Vocabulary, WordDefinition } from '../model/vocabulary.ts'
import { Words } from './words.ts'
import { headers, sections } from './yaml/shape.ts'

type Schema = Readonly<Record<string, unknown>>

/** JSON Schema 2020-12. */
export function schema(vocabulary: Vocabulary): Schema {
  const words = new Words(vocabulary)
  const definitions: Record<string, Schema> = settingsOf(vocabulary.settings)
  for (const word of vocabulary.words) definitions[keyOf(word)] = statementOf(word)
  for (const section of sections) definitions[section] = sectionOf(section, words)
  for (const word of vocabulary.words) if (word.body) definitions[`${keyOf(word)}.do`] = bodyOf(word, words)
  const header = headers.flatMap(name => {
    const word = words.find(name)
    return word?.about ? [[name, { description: word.summary, ...valuesOf(word.about) }]] : []
  })
  const vary = { type: 'object', description: words.find('vary')?.summary, additionalProperties: listed(scalar) }
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    title: 'A pgdrill scenario',
    type: 'object',
    required: ['drill'],
    additionalProperties: false,
    properties: {
      ...Object.fromEntries(header),
      vary,
      ...Object.fromEntries(sections.map(section => [section, { type: 'array', items: ref(section) }])),
    },
    $defs: definitions,
  }
}

/** Defaults read the same in all majors. */
const oldest = 15

const scalar: Schema = { type: ['string', 'number', 'boolean'] }
/** A parameter of the scenario may stand for any value. */
const parameter: Schema = { type: 'string', pattern: '^:[A-Za-z_]\\w*$' }

function ref(name: string): Schema {
  return { $ref: `#/$defs/${name}` }
}

function keyOf({ name, inside }: WordDefinition): string {
  return inside ? `${inside[0]}.${name}` : name
}

/** The words of a section, and a lead with a block of them. */
function sectionOf(section: Section, words: Words): Schema {
  const own = words.namesIn(section).map(name => ref(keyOf(words.find(name)!)))
  if (section === 'cluster' || section === 'clients') return { anyOf: own }
  const moments = { at: text('The moment.'), when: text('The condition.') }
  const properties = {
    ...moments,
    do: { type: 'array', items: ref(section), description: 'Statements of one moment.' },
  }
  return { anyOf: [...own, { type: 'object', required: ['do'], additionalProperties: false, properties }] }
}

function bodyOf(word: WordDefinition, words: Words): Schema {
  const inner = (word.body ?? []).flatMap(name => words.find(name, word.name) ?? [])
  return { anyOf: inner.map(each => ref(keyOf(each))) }
}

function statementOf(word: WordDefinition): Schema {
  const { name, summary, about, script } = word
  const required: string[] = [name]
  const properties: Record<string, Schema> = {}
  const carries = script !== undefined && about === undefined
  properties[name] = about
    ? described(about)
    : { type: ['string', 'null'], description: carries ? `${summary} The value is the script.` : summary }
  if (word.lead !== 'none') {
    properties.at = text('The moment: a time, `start`, `end`, a label or `random(4s, 6s)`, plus or minus a time.')
    if (word.section !== 'checks') properties.when = text('The condition whose first true instant is the moment.')
  }
  for (const preposition of prepositions) {
    const taken = word.parameters?.[preposition as Preposition]
    if (!taken || taken.notModelled !== undefined) continue
    properties[preposition] = described(taken)
    if (!taken.optional) required.push(preposition)
  }
  if (word.that) properties.that = text('The condition: [always | never | eventually] expression.')
  if (word.that === 'required') required.push('that')
  if (word.settings || word.postgresSettings) properties.set = blockOf(word)
  if (word.body) properties.do = { type: 'array', items: ref(`${keyOf(word)}.do`) }
  if (script && !carries) properties.script = text(script.language === 'sql' ? 'SQL.' : 'A pgbench script.')
  if (script && !carries && !script.unless) required.push('script')
  const refused = word.notModelled === undefined ? {} : { deprecated: true, deprecationMessage: word.notModelled }
  return { type: 'object', description: summary, ...refused, required, additionalProperties: false, properties }
}

function text(description: string): Schema {
  return { type: ['string', 'number'], description }
}

function blockOf({ settings = {}, postgresSettings }: WordDefinition): Schema {
  const played = Object.entries(settings).filter(([, { notModelled }]) => notModelled === undefined)
  const properties = Object.fromEntries(played.map(([name, own]) => [name, described(own)]))
  if (!postgresSettings) return { type: 'object', additionalProperties: false, properties }
  const own = Object.keys(properties)
  const known = { $ref: '#/$defs/setting_names' }
  const names = own.length === 0 ? known : { anyOf: [{ enum: own }, known] }
  return { type: 'object', properties, propertyNames: names, allOf: [{ $ref: '#/$defs/settings' }] }
}

/** Their values and their names apart: a word may have settings of its own beside them. */
function settingsOf(settings: readonly SettingDefinition[]): Record<string, Schema> {
  const unique = new Map(settings.map(setting => [setting.name, setting]))
  const properties = Object.fromEntries([...unique.values()].map(setting => [setting.name, settingOf(setting)]))
  return { settings: { type: 'object', properties }, setting_names: { enum: [...unique.keys()] } }
}

function settingOf(setting: SettingDefinition): Schema {
  const { type, choices, boot = '', summary, notActedUpon } = setting
  const value = parseSetting(setting, boot, oldest)
  const initial = isInvalidSetting(value) ? boot : formatSetting(setting, value)
  const note = notActedUpon === undefined ? '' : ` The simulation does not act on it: ${notActedUpon}.`
  const description = `${summary} Default: ${initial === '' ? 'empty' : initial}.${note}`
  if (type === 'enum') return { description, anyOf: [{ enum: choices ?? [] }, scalar] }
  if (type === 'bool') return { description, anyOf: [{ enum: ['on', 'off'] }, scalar] }
  return { description, ...(type === 'string' ? listed(scalar) : scalar) }
}

function described(own: Parameter): Schema {
  return { description: own.summary, ...valuesOf(own) }
}

function valuesOf(own: Parameter): Schema {
  return own.list ? listed(singleOf(own), own.count) : singleOf(own)
}

function listed(single: Schema, count?: number): Schema {
  const limits = count === undefined ? { minItems: 1 } : { minItems: count, maxItems: count }
  return { anyOf: [single, { type: 'array', items: single, ...limits }] }
}

const units: Readonly<Record<string, string>> = {
  duration: '(ns|us|ms|s|min|h|d)',
  size: '(B|kB|MB|GB|TB)',
  bandwidth: '(B|kB|MB|GB|TB)/s',
  percent: '%',
}

function singleOf(own: Parameter): Schema {
  switch (own.type) {
    case 'keyword':
      return { anyOf: [{ enum: own.choices }, parameter] }
    case 'number': {
      const bounds = {
        ...(own.min !== undefined && { minimum: own.min }),
        ...(own.max !== undefined && { maximum: own.max }),
      }
      return { anyOf: [{ type: own.integer ? 'integer' : 'number', ...bounds }, parameter] }
    }
    case 'duration':
    case 'size':
    case 'bandwidth':
    case 'percent':
      return { anyOf: [{ type: 'string', pattern: `^\\d+(\\.\\d+)?${units[own.type]}$` }, parameter] }
    case 'boolean':
      return { anyOf: [{ enum: ['on', 'off', 'yes', 'no', true, false] }, parameter] }
    case 'prose':
    case 'text':
    case 'any':
    case 'name':
      return scalar
    default:
      return { type: 'string' }
  }
}
