// What the editor offers, from the vocabulary: words where a statement begins, then what the word takes; settings in a
// block; properties and functions in a condition; the names that the text declares.

import type { Completion, CompletionContext, CompletionResult, CompletionSource } from '@codemirror/autocomplete'
import type { Vocabulary } from '../../../src/index.ts'
import type { WordDefinition } from '../../../src/model/vocabulary.ts'

export function completionOf(vocabulary: Vocabulary): CompletionSource {
  const words = new Map(vocabulary.words.map(word => [word.name, word]))
  const settings = vocabulary.settings.map(
    ({ name, summary, boot }): Completion => ({ label: name, type: 'property', info: summary, detail: boot ?? '' }),
  )
  const conditions = [
    ...vocabulary.properties.map(({ name, summary }): Completion => ({ label: name, type: 'property', info: summary })),
    ...vocabulary.functions.map(({ name, summary }): Completion => ({ label: name, type: 'function', info: summary })),
  ]
  return (context: CompletionContext): CompletionResult | null => {
    const typed = context.matchBefore(/[\w.]*/)
    if (!typed || (typed.from === typed.to && !context.explicit)) return null
    const before = context.state.sliceDoc(0, typed.from)
    if (isInSql(before)) return null
    const line = before.slice(before.lastIndexOf('\n') + 1)
    const names = declared(context.state.sliceDoc(), vocabulary.words)
    const options = [...offered(line, before), ...names]
    // After a dot the property goes on: `primary.acc|`.
    const from = typed.from + typed.text.lastIndexOf('.') + 1
    return { from, options, validFor: /^\w*$/ }
  }

  function offered(line: string, before: string): readonly Completion[] {
    const word = [...line.matchAll(/[A-Za-z_]\w*/g)].map(([name]) => words.get(name)).find(each => each !== undefined)
    if (/\b(that|when|where)\b/.test(line)) return conditions
    if (!word && isBeginning(line)) return vocabulary.words.map(completionOfWord)
    const inBlock = blockOf(before)
    if (inBlock !== undefined) {
      const owner = words.get(inBlock)
      return [...ownSettings(owner), ...(owner?.postgresSettings || inBlock === 'set' ? settings : [])]
    }
    return word ? parametersOf(word) : conditions
  }
}

function completionOfWord({ name, summary, example, section }: WordDefinition): Completion {
  return { label: name, type: 'keyword', detail: section, info: `${summary}\n\n${example}` }
}

/** A statement may be led by a moment or a trigger; in YAML it may stand in a list or in braces. */
function isBeginning(line: string): boolean {
  return /^[\s\-{]*(at:?\s+[^,\s]+(\s+[+-]\s*\S+)?,?\s*|when:?\s.*\s)?$/.test(line)
}

/** The word whose braces are open, or `set` in YAML. */
function blockOf(before: string): string | undefined {
  const open = before.lastIndexOf('{')
  if (open === -1 || before.indexOf('}', open) !== -1) return undefined
  const head = before.slice(before.lastIndexOf('\n', open) + 1, open)
  return /(?:^|\s)set:\s*$/.test(head) ? 'set' : /[A-Za-z_]\w*/.exec(head)?.[0]
}

function ownSettings(word: WordDefinition | undefined): readonly Completion[] {
  return Object.entries(word?.settings ?? {}).map(([label, { summary }]) => ({
    label,
    type: 'property',
    info: summary,
  }))
}

function parametersOf(word: WordDefinition): readonly Completion[] {
  const choices = [word.about, ...Object.values(word.parameters ?? {})].flatMap(parameter =>
    parameter?.type === 'keyword' ? parameter.choices : [],
  )
  const prepositions = Object.entries(word.parameters ?? {})
  return [
    ...prepositions.map(([label, { summary }]): Completion => ({ label, type: 'keyword', info: summary })),
    ...choices.map((label): Completion => ({ label, type: 'constant' })),
    ...(word.that === undefined ? [] : [{ label: 'that', type: 'keyword' }]),
  ]
}

/** Nodes, clients, steps, labels and whatever else the text gives a name to. */
function declared(text: string, words: readonly WordDefinition[]): readonly Completion[] {
  const declaring = words.filter(({ about }) => about?.type === 'declares').map(({ name }) => name)
  const pattern = new RegExp(`\\b(${[...declaring, 'as'].join('|')}):?\\s+([A-Za-z_]\\w*)`, 'g')
  const found = new Map([...text.matchAll(pattern)].map(([, kind, name]) => [name, kind]))
  return [...found].map(([label, kind]) => ({ label, type: 'variable', detail: kind === 'as' ? 'label' : kind }))
}

/** Within a dollar quote: SQL is not ours to complete. */
function isInSql(before: string): boolean {
  return (before.match(/\$\w*\$/g)?.length ?? 0) % 2 === 1
}
