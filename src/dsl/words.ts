// Finds words in a vocabulary. A word may mean one thing on its own and another in the body of a word.

import type { Section, Vocabulary, WordDefinition } from '../model/vocabulary.ts'
import type { RawStatement } from './syntax.ts'

export class Words {
  readonly vocabulary: Vocabulary
  private readonly outer = new Map<string, WordDefinition>()
  private readonly inner = new Map<string, WordDefinition>()

  constructor(vocabulary: Vocabulary) {
    this.vocabulary = vocabulary
    for (const word of vocabulary.words) {
      if (!word.inside) this.outer.set(word.name, word)
      for (const parent of word.inside ?? []) this.inner.set(`${parent} ${word.name}`, word)
    }
  }

  /** What a word means in the body of another one, or outside of any. */
  find(name: string, parent?: string): WordDefinition | undefined {
    return (parent === undefined ? undefined : this.inner.get(`${parent} ${name}`)) ?? this.outer.get(name)
  }

  /** The words in whose bodies it has a meaning. */
  parentsOf(name: string): readonly string[] {
    return this.vocabulary.words.find(word => word.name === name && word.inside)?.inside ?? []
  }

  /** Where a statement stands; a lead with a block stands where its statements do. */
  sectionOf(raw: RawStatement): Section | undefined {
    if (raw.word) return this.find(raw.word.text)?.section
    for (const inner of raw.body) {
      const section = this.sectionOf(inner)
      if (section) return section
    }
    return raw.section
  }

  namesIn(section?: Section): readonly string[] {
    return [...this.outer.values()]
      .filter(word => section === undefined || word.section === section)
      .map(word => word.name)
  }
}
