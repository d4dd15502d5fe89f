// What stands in the slots of a statement: about, parameters, condition, settings and script, each read as the word's
// definition demands.

import type { Preposition, Script, Setting, Statement, Value } from '../../model/scenario.ts'
import type { Parameter, WordDefinition } from '../../model/vocabulary.ts'
import { readFormula } from '../expression/read.ts'
import { scriptOf } from '../script.ts'
import { list, suggestion, thereAre } from '../suggest.ts'
import type { RawSetting, RawStatement, Text } from '../syntax.ts'
import type { Context } from './context.ts'
import { checkExpression } from './expressions.ts'
import { readPostgresSetting } from './settings.ts'
import { readValue } from './values.ts'

export function readAbout(raw: RawStatement, definition: WordDefinition, context: Context): readonly Value[] {
  const { complaints } = context
  const { about: parameter, name } = definition
  if (!parameter) {
    if (raw.about.length > 0) {
      const [first] = raw.about
      const help = definition.parameters?.on ? `did you mean \`${name} on ${first.text}\`?` : undefined
      complaints.add('unknown-parameter', first.span, `\`${name}\` is about nothing`, help)
    }
    return []
  }
  if (raw.about.length === 0 && !parameter.optional) {
    complaints.add(
      'missing',
      raw.word!.span,
      `\`${name}\` needs something behind it: ${lower(parameter.summary)}`,
      example(definition),
    )
  }
  return readValues(raw.about, parameter, name, context)
}

function example({ example: text }: WordDefinition): string {
  return `for example: ${text.split('\n', 1)[0]}`
}

function lower(summary: string): string {
  return summary[0].toLowerCase() + summary.slice(1).replace(/\.$/, '')
}

function readValues(texts: readonly Text[], parameter: Parameter, what: string, context: Context): readonly Value[] {
  const { complaints } = context
  if (texts.length > 1 && !parameter.list) {
    complaints.add('wrong-type', texts[1].span, `\`${what}\` takes one value`, 'remove the others')
  }
  if (parameter.count !== undefined && texts.length > 0 && texts.length !== parameter.count) {
    const message = `\`${what}\` takes ${parameter.count} values, not ${texts.length}`
    complaints.add('wrong-type', texts.at(-1)!.span, message, lower(parameter.summary))
  }
  if (parameter.list && (parameter.type === 'refers' || parameter.type === 'step')) checkTwice(texts, context)
  const taken = parameter.list ? texts : texts.slice(0, 1)
  return taken.flatMap(text => readValue(text, parameter, what, context) ?? [])
}

/** A client cannot know that a label will come, any more than an action can. */
function checkReachable(values: readonly Value[], { complaints }: Context): void {
  for (const { type, ...value } of values) {
    if (type !== 'moment' || !('moment' in value) || value.moment.from === 'end' || value.moment.offset >= 0) continue
    complaints.add(
      'moment',
      value.span,
      'a client cannot begin or stop before its moment',
      'only checks look back; write `+`',
    )
  }
}

function checkTwice(texts: readonly Text[], { complaints }: Context): void {
  const seen = new Set<string>()
  for (const { text, span } of texts) {
    const name = text.replace(/\(.*$/s, '').trim()
    if (seen.has(name)) complaints.add('duplicate', span, `\`${name}\` stands twice`, 'name it once')
    seen.add(name)
  }
}

export function readParameters(
  raw: RawStatement,
  definition: WordDefinition,
  context: Context,
): Statement['parameters'] {
  const { complaints } = context
  const all = definition.parameters ?? {}
  const read: Partial<Record<Preposition, readonly Value[]>> = {}
  for (const { preposition, span, values } of raw.parameters) {
    const parameter = all[preposition]
    if (!parameter) {
      const taken = Object.keys(all)
      const help = taken.length > 0 ? `it takes ${list(taken)}` : 'it takes none'
      complaints.add('unknown-parameter', span, `\`${definition.name}\` takes no \`${preposition}\``, help)
    } else if (read[preposition]) {
      complaints.add('duplicate', span, `\`${preposition}\` stands twice`, 'several values are separated by commas')
    } else if (parameter.notModelled !== undefined) {
      complaints.add('not-modelled', span, `\`${preposition}\` of \`${definition.name}\`: ${parameter.notModelled}`)
    } else {
      if (values.length === 0)
        complaints.add('missing', span, `\`${preposition}\` has no value`, lower(parameter.summary))
      read[preposition] = readValues(values, parameter, preposition, context)
      if (definition.section === 'clients') checkReachable(read[preposition], context)
    }
  }
  const given = raw.parameters.map(({ preposition }) => preposition)
  for (const [preposition, parameter] of Object.entries(all)) {
    if (parameter.optional || given.includes(preposition as Preposition)) continue
    const message = `\`${definition.name}\` needs \`${preposition}\`: ${lower(parameter.summary)}`
    complaints.add('missing', raw.word!.span, message, example(definition))
  }
  return Object.fromEntries(Object.keys(all).flatMap(key => (key in read ? [[key, read[key as Preposition]]] : [])))
}

export function readThat(raw: RawStatement, definition: WordDefinition, context: Context): Pick<Statement, 'that'> {
  const { complaints } = context
  if (!raw.that) {
    if (definition.that === 'required') {
      complaints.add(
        'missing',
        raw.word!.span,
        `\`${definition.name}\` needs \`that\`: the condition`,
        example(definition),
      )
    }
    return {}
  }
  if (!definition.that) {
    complaints.add('unknown-parameter', raw.that.span, `\`${definition.name}\` takes no \`that\``)
    return {}
  }
  const that = readFormula(raw.that, context.lookup, complaints)
  if (that) checkExpression(that.expression, context)
  return that ? { that } : {}
}

export function readSettings(raw: RawStatement, definition: WordDefinition, context: Context): readonly Setting[] {
  const { complaints } = context
  const own = definition.settings ?? {}
  const seen = new Set<string>()
  const settings: Setting[] = []
  for (const setting of raw.settings) {
    const { text: name, span } = setting.name
    if (seen.has(name)) complaints.add('duplicate', span, `\`${name}\` stands twice`, 'keep one of them')
    seen.add(name)
    if (setting.values.length === 0) {
      complaints.add('missing', span, `\`${name}\` has no value`)
      continue
    }
    const read = Object.hasOwn(own, name)
      ? readOwnSetting(setting, own[name], context)
      : readForeignSetting(setting, definition, context)
    if (read) settings.push(read)
  }
  for (const [name, parameter] of Object.entries(own)) {
    if (parameter.optional || seen.has(name)) continue
    const help = `write \`{ ${name} = … }\`: ${lower(parameter.summary)}`
    complaints.add('missing', raw.word!.span, `\`${definition.name}\` needs the setting \`${name}\``, help)
  }
  return settings
}

function readOwnSetting(raw: RawSetting, parameter: Parameter, context: Context): Setting | undefined {
  const { text: name, span } = raw.name
  if (parameter.notModelled !== undefined) {
    context.complaints.add('not-modelled', span, `\`${name}\`: ${parameter.notModelled}`)
    return undefined
  }
  return { name, nameSpan: span, values: readValues(raw.values, parameter, name, context) }
}

function readForeignSetting(raw: RawSetting, definition: WordDefinition, context: Context): Setting | undefined {
  const own = Object.keys(definition.settings ?? {})
  if (definition.postgresSettings) return readPostgresSetting(raw, own, context)
  const { text: name, span } = raw.name
  const help = suggestion(name, own, own.length === 0 ? 'it has none' : thereAre(own))
  context.complaints.add('unknown-setting', span, `\`${definition.name}\` has no setting \`${name}\``, help)
  return undefined
}

export function readScript(raw: RawStatement, definition: WordDefinition, context: Context): Pick<Statement, 'script'> {
  const { complaints } = context
  const { script: wanted, name } = definition
  if (!raw.script || raw.script.text === '') {
    const unless = wanted?.unless
    const spared =
      (unless?.setting !== undefined && raw.settings.some(setting => setting.name.text === unless.setting)) ||
      (unless?.parameter !== undefined && raw.parameters.some(({ preposition }) => preposition === unless.parameter)) ||
      (unless?.body && raw.body.length > 0) ||
      (unless?.about && raw.about.some(({ text }) => unless.about?.includes(text)))
    if (wanted && !spared) {
      const what = wanted.language === 'sql' ? 'SQL' : 'a pgbench script'
      complaints.add(
        'missing',
        raw.script?.span ?? raw.word!.span,
        `\`${name}\` needs ${what}`,
        'write it in `$$ … $$`, last',
      )
    }
    return {}
  }
  if (!wanted) {
    complaints.add('unknown-parameter', raw.script.span, `\`${name}\` takes no script`)
    return {}
  }
  return { script: withParameters(scriptOf(raw.script), context) }
}

/** `:name` of a parameter gives way to its value; `::` is a cast, and other names are pgbench's variables. */
function withParameters(script: Script, { variant }: Context): Script {
  const text = script.text.replace(/(?<!:):([A-Za-z_]\w*)/g, (whole, name: string) => variant.get(name) ?? whole)
  return { ...script, text }
}
