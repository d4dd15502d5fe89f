// The raw tree -> YAML: the header's keys, then the sections. What is short and has no sentences stands in one line.

import { Document, isMap, Pair, Scalar, YAMLMap, YAMLSeq } from 'yaml'
import { prepositions } from '../../model/scenario.ts'
import type { WordDefinition } from '../../model/vocabulary.ts'
import { broken } from '../expression/one-line.ts'
import type { RawScenario, RawStatement, Text } from '../syntax.ts'
import type { Words } from '../words.ts'
import { sections } from '../yaml/shape.ts'

const width = 100

export function printYaml({ statements, comments }: RawScenario, words: Words): string {
  const document = new Document(undefined, { schema: 'failsafe' })
  const root = new YAMLMap()
  document.contents = root as never
  for (const raw of statements.filter(statement => words.sectionOf(statement) === 'header')) {
    if (raw.word?.text === 'vary') addVary(root, raw)
    else root.add(commented(new Pair(new Scalar(raw.word!.text), valuesOf(raw.about)), raw.comments, root))
  }
  for (const section of sections) {
    const own = statements.filter(statement => words.sectionOf(statement) === section)
    if (own.length === 0) continue
    const list = new YAMLSeq()
    for (const raw of own) list.add(statementOf(raw, undefined, words))
    const key = new Scalar(section)
    key.spaceBefore = true
    root.add(new Pair(key, list))
  }
  if (comments.length > 0) document.comment = comments.join('\n')
  const commentString = (comment: string) => comment.replace(/^/gm, '#')
  return document.toString({ lineWidth: 0, flowCollectionPadding: true, commentString })
}

/** The comments of the first key are those of the document. */
function commented(pair: Pair<Scalar, unknown>, comments: readonly string[], root: YAMLMap): Pair<Scalar, unknown> {
  if (comments.length > 0 && root.items.length > 0) pair.key.commentBefore = comments.join('\n')
  else if (comments.length > 0) root.commentBefore = comments.join('\n')
  return pair
}

function addVary(root: YAMLMap, { about, parameters, comments }: RawStatement): void {
  let vary = root.get('vary')
  if (!isMap(vary)) {
    vary = new YAMLMap()
    root.add(new Pair(new Scalar('vary'), vary))
  }
  const values = parameters.find(({ preposition }) => preposition === 'over')?.values ?? []
  const pair = new Pair(new Scalar(about[0]?.text ?? ''), valuesOf(values))
  if (comments.length > 0) pair.key.commentBefore = comments.join('\n')
  ;(vary as YAMLMap).add(pair)
}

function statementOf(raw: RawStatement, parent: WordDefinition | undefined, words: Words): YAMLMap {
  const definition = raw.word && words.find(raw.word.text, parent?.name)
  const map = new YAMLMap()
  const add = (key: string, value: unknown) => map.add(new Pair(new Scalar(key), value))
  if (raw.at) add('at', scalarOf(raw.at.text))
  if (raw.when) add('when', formulaOf(raw.when.text))
  const carries = definition?.script !== undefined && definition.about === undefined
  if (raw.word) add(raw.word.text, carries ? scalarOf(raw.script?.text ?? '') : valuesOf(raw.about))
  const order = Object.keys(definition?.parameters ?? {})
  for (const name of [...order, ...prepositions.filter(each => !order.includes(each))]) {
    for (const { preposition, values } of raw.parameters) if (preposition === name) add(preposition, valuesOf(values))
  }
  if (raw.that) add('that', formulaOf(raw.that.text))
  if (raw.settings.length > 0) add('set', settingsOf(raw))
  if (raw.body.length > 0) {
    const list = new YAMLSeq()
    for (const inner of raw.body) list.add(statementOf(inner, definition ?? parent, words))
    add('do', list)
  }
  if (raw.script && !carries) add('script', scalarOf(raw.script.text))
  if (raw.comments.length > 0) map.commentBefore = raw.comments.join('\n')
  const spoken = definition?.about?.type === 'prose' || raw.that || raw.script || raw.settings.length > 0
  map.flow = !spoken && raw.body.length === 0 && raw.comments.length === 0 && map.items.length > 1
  return map
}

function settingsOf({ settings }: RawStatement): YAMLMap {
  const map = new YAMLMap()
  for (const { name, values } of settings) map.add(new Pair(new Scalar(name.text), valuesOf(values)))
  const text = settings.map(({ name, values }) => `${name.text}: ${values.map(value => value.text).join(', ')}`)
  map.flow = text.join(', ').length < width - 20
  return map
}

function formulaOf(text: string): Scalar {
  const [first, ...rest] = broken(text, width)
  return scalarOf([first, ...rest.map(line => `  ${line}`)].join('\n'))
}

function valuesOf(values: readonly Text[]): Scalar | YAMLSeq {
  if (values.length === 0) return new Scalar('')
  if (values.length === 1) return scalarOf(values[0].text)
  const list = new YAMLSeq()
  for (const value of values) list.add(scalarOf(value.text))
  list.flow = values.map(({ text }) => text).join(', ').length < width
  return list
}

function scalarOf(text: string): Scalar {
  const scalar = new Scalar(text)
  if (text.includes('\n')) scalar.type = Scalar.BLOCK_LITERAL
  // Without quotes an empty text would be no value at all.
  if (text === '') scalar.type = Scalar.QUOTE_DOUBLE
  return scalar
}
