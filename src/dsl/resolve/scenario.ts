// The raw tree -> scenarios, one a variant: what every name, value and condition means, by the words of a vocabulary.

import type { Diagnostic } from '../../model/diagnostic.ts'
import type { Formula, Moment, Scenario, Script, Statement } from '../../model/scenario.ts'
import type { SourceFile } from '../../model/source.ts'
import type { Section } from '../../model/vocabulary.ts'
import type { Complaints } from '../complaints.ts'
import type { RawScenario, RawStatement } from '../syntax.ts'
import type { Words } from '../words.ts'
import { checkCircles } from './circles.ts'
import { Context } from './context.ts'
import { declareAll } from './declarations.ts'
import { scriptsIn } from './expressions.ts'
import { Names } from './names.ts'
import { resolveStatement } from './statement.ts'
import { variantsOf } from './variants.ts'

/** What the language leaves to others, because it may not know PostgreSQL's grammar, pgbench's, nor what is played. */
export interface FurtherChecks {
  /** `postgres` is the major version. Spans of the diagnostics lie in the scenario's source (see Script.lineStarts). */
  checkSql?(script: Script, postgres: number): readonly Diagnostic[]
  checkPgbench?(script: Script, postgres: number): readonly Diagnostic[]
  /** Asked of each variant in which nothing else is wrong: types of conditions, what an engine cannot play. */
  checkScenario?(scenario: Scenario): readonly Diagnostic[]
}

export function resolve(
  raw: RawScenario,
  source: SourceFile,
  words: Words,
  further: FurtherChecks,
  complaints: Complaints,
): readonly Scenario[] {
  return variantsOf(raw, complaints).map(variant => {
    const context = new Context(words, new Names(), variant, complaints)
    const scenario = resolveVariant(raw, source, context)
    checkScripts(scenario, source, context, further)
    if (!complaints.any && further.checkScenario) complaints.addAll(further.checkScenario(scenario))
    return scenario
  })
}

function resolveVariant(raw: RawScenario, source: SourceFile, context: Context): Scenario {
  const { complaints, words } = context
  declareAll(raw.statements, context)
  for (const name of context.variant.keys()) declareParameter(name, raw, context)
  const isHeader = ({ word }: RawStatement) => word !== undefined && words.find(word.text)?.section === 'header'
  const header = new Map<string, Statement>()
  for (const each of raw.statements.filter(isHeader)) {
    const statement = resolveStatement(each, {}, context)
    if (!statement || statement.word === 'vary') continue
    if (header.has(statement.word)) {
      complaints.add('duplicate', statement.wordSpan, `\`${statement.word}\` stands twice`, 'keep one of them')
    }
    header.set(statement.word, statement)
    const [version] = statement.word === 'postgres' ? statement.about : []
    if (version?.type === 'number' && version.number >= 15 && version.number <= 18) {
      context.postgres = version.number as Scenario['postgres']
    }
  }
  const sections: Record<Exclude<Section, 'header'>, Statement[]> = {
    cluster: [],
    clients: [],
    timeline: [],
    checks: [],
  }
  for (const each of raw.statements.filter(statement => !isHeader(statement))) {
    const section = sectionOf(each, context)
    const statement = resolveStatement(each, {}, context)
    if (statement && section !== 'header')
      sections[section].push(...(section === 'checks' ? eachOf(statement) : [statement]))
  }
  const all = [...sections.cluster, ...sections.clients, ...sections.timeline, ...sections.checks]
  checkCircles(all, context)
  return { source, ...headerOf(header, raw, context), variant: Object.fromEntries(context.variant), ...sections }
}

/** Checks that share a block with a lead are checks of their own with that lead. */
function eachOf(statement: Statement): readonly Statement[] {
  if (statement.word !== 'do') return [statement]
  const { at, when } = statement
  return statement.body.map(each => ({ ...each, ...(at && { at }), ...(when && { when }) }))
}

function declareParameter(name: string, raw: RawScenario, { names, complaints }: Context): void {
  const statement = raw.statements.find(({ word, about }) => word?.text === 'vary' && about[0]?.text === name)
  const span = statement?.about[0].span ?? { start: 0, end: 0 }
  const taken = names.declare({ name, thing: 'parameter', span, word: 'vary' })
  if (taken)
    complaints.add(
      'duplicate',
      span,
      `\`${name}\` is a ${taken.thing} already`,
      'every name stands for one thing: choose another',
    )
}

function sectionOf(raw: RawStatement, { words, complaints }: Context): Section {
  const section = words.sectionOf(raw)
  for (const { word } of raw.word ? [] : raw.body) {
    const own = word && words.find(word.text)?.section
    if (!own || own === section) continue
    const message = `\`${word.text}\` may not stand in a block with statements of \`${section}\``
    complaints.add('misplaced', word.span, message, 'give it a line of its own')
  }
  return section ?? 'timeline'
}

function headerOf(
  header: ReadonlyMap<string, Statement>,
  raw: RawScenario,
  context: Context,
): Pick<Scenario, 'title' | 'teaches' | 'postgres' | 'seed' | 'ends'> {
  const { complaints, postgres } = context
  const first = (word: string) => header.get(word)?.about[0]
  const title = first('drill')
  if (!raw.unread.includes('drill') && !raw.statements.some(({ word }) => word?.text === 'drill')) {
    const help = 'begin with `drill "What the scenario shows"`; in YAML `drill: What the scenario shows`'
    complaints.add('missing', { start: 0, end: 1 }, 'the scenario has no title', help)
  }
  const seed = first('seed')
  const ends = first('ends')
  return {
    title: title?.type === 'text' ? title.text : '',
    teaches: (header.get('teaches')?.about ?? []).flatMap(topic => ('text' in topic ? [topic.text] : [])),
    postgres,
    seed: seed?.type === 'number' ? seed.number : 1,
    ...(ends?.type === 'moment' && { ends: checkEnds(ends.moment, context) }),
  }
}

function checkEnds(moment: Moment, { complaints }: Context): Moment {
  if (moment.from === 'end')
    complaints.add('circle', moment.span, 'the end depends on itself', 'write a time or a label')
  else if (moment.from !== 'label' && moment.offset < 0) {
    complaints.add('moment', moment.span, 'the end lies before the start', 'write a time such as `10s`')
  }
  return moment
}

function checkScripts(scenario: Scenario, source: SourceFile, context: Context, further: FurtherChecks): void {
  const { complaints, postgres, words } = context
  const visit = (statement: Statement, parent?: string): void => {
    const { script, that, body, word } = statement
    const language = words.find(word, parent)?.script?.language
    if (script && language === 'sql') complaints.addAll(further.checkSql?.(script, postgres) ?? [])
    if (script && language === 'pgbench') complaints.addAll(further.checkPgbench?.(script, postgres) ?? [])
    for (const sql of that ? queriesOf(that, source) : []) complaints.addAll(further.checkSql?.(sql, postgres) ?? [])
    for (const inner of body) visit(inner, word)
  }
  for (const section of [scenario.cluster, scenario.clients, scenario.timeline, scenario.checks]) {
    for (const statement of section) visit(statement)
  }
}

function queriesOf({ expression }: Formula, source: SourceFile): readonly Script[] {
  return scriptsIn(expression).map(({ text, span }) => {
    let from = span.start
    const lineStarts = text.split('\n').map(line => {
      const found = source.text.indexOf(line, from)
      if (found !== -1 && found < span.end) from = found
      return from
    })
    return { text, span, lineStarts }
  })
}
