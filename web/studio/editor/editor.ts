// The editor: CodeMirror with the language of the file's name, completion, and the diagnostics that the engine finds.

import { autocompletion, closeBrackets, closeBracketsKeymap, completionKeymap } from '@codemirror/autocomplete'
import { defaultKeymap, history, historyKeymap, indentWithTab } from '@codemirror/commands'
import { yaml } from '@codemirror/lang-yaml'
import { bracketMatching, HighlightStyle, indentOnInput, syntaxHighlighting } from '@codemirror/language'
import { lintGutter, lintKeymap, setDiagnostics } from '@codemirror/lint'
import { Compartment, EditorState, type Extension } from '@codemirror/state'
import { drawSelection, EditorView, highlightActiveLine, keymap, lineNumbers } from '@codemirror/view'
import { tags } from '@lezer/highlight'
import type { Diagnostic, SourceFile, Vocabulary } from '../../../src/index.ts'
import { completionOf } from './completion.ts'
import { drillLanguage } from './drill-language.ts'

export interface EditorOptions {
  /** The person has changed the text. */
  readonly changed: (text: string) => void
  /** Ctrl-Enter. */
  readonly play: () => void
}

/** Colours are the page's, so that they follow its theme. */
const colours = HighlightStyle.define([
  { tag: [tags.keyword, tags.definitionKeyword, tags.propertyName], color: 'var(--keyword)', fontWeight: '600' },
  { tag: tags.operatorKeyword, color: 'var(--preposition)' },
  { tag: [tags.string, tags.content], color: 'var(--string)' },
  { tag: [tags.number, tags.bool], color: 'var(--number)' },
  { tag: tags.comment, color: 'var(--faint)', fontStyle: 'italic' },
  { tag: [tags.meta, tags.punctuation], color: 'var(--faint)' },
])

/** As specific as CodeMirror's own, which a style sheet could not outdo. */
const selection = EditorView.theme({
  '& > .cm-scroller > .cm-selectionLayer .cm-selectionBackground': { background: 'var(--selection)' },
  '&.cm-focused > .cm-scroller > .cm-selectionLayer .cm-selectionBackground': { background: 'var(--selection)' },
})

export class Editor {
  private readonly view: EditorView
  private readonly language = new Compartment()
  private readonly completion = new Compartment()
  private words: readonly string[] = []
  private name = ''

  constructor(parent: HTMLElement, options: EditorOptions) {
    const plays = () => {
      options.play()
      return true
    }
    const keys = [
      { key: 'Mod-Enter', run: plays },
      ...closeBracketsKeymap,
      ...defaultKeymap,
      ...historyKeymap,
      ...completionKeymap,
      ...lintKeymap,
      indentWithTab,
    ]
    const changes = EditorView.updateListener.of(update => {
      if (update.docChanged) options.changed(update.state.doc.toString())
    })
    const extensions: Extension[] = [
      lineNumbers(),
      lintGutter(),
      history(),
      drawSelection(),
      highlightActiveLine(),
      indentOnInput(),
      bracketMatching(),
      EditorView.lineWrapping,
      closeBrackets(),
      syntaxHighlighting(colours),
      selection,
      EditorView.contentAttributes.of({ 'aria-label': 'scenario', spellcheck: 'false' }),
      this.language.of([]),
      this.completion.of([]),
      keymap.of(keys),
      changes,
    ]
    this.view = new EditorView({ parent, state: EditorState.create({ extensions }) })
  }

  get text(): string {
    return this.view.state.doc.toString()
  }

  learn(vocabulary: Vocabulary): void {
    this.words = vocabulary.words.map(({ name }) => name)
    const completion = autocompletion({ override: [completionOf(vocabulary)] })
    this.view.dispatch({ effects: this.completion.reconfigure(completion) })
    this.speak(this.name)
  }

  open({ name, text }: SourceFile): void {
    this.speak(name)
    this.view.dispatch({ changes: { from: 0, to: this.view.state.doc.length, insert: text }, selection: { anchor: 0 } })
  }

  replace(from: number, to: number, insert: string): void {
    this.view.dispatch({ changes: { from, to, insert } })
  }

  complain(diagnostics: readonly Diagnostic[]): void {
    const { length } = this.view.state.doc
    const shown = diagnostics.map(({ span, message, help }) => ({
      from: Math.min(span.start, length),
      to: Math.min(Math.max(span.end, span.start + 1), length),
      severity: 'error' as const,
      message: help === undefined ? message : `${message}\n${help}`,
    }))
    this.view.dispatch(setDiagnostics(this.view.state, shown))
  }

  /** Puts the cursor there, in sight. */
  goTo(offset: number): void {
    const anchor = Math.min(offset, this.view.state.doc.length)
    this.view.dispatch({ selection: { anchor }, effects: EditorView.scrollIntoView(anchor, { y: 'center' }) })
    this.view.focus()
  }

  private speak(name: string): void {
    this.name = name
    const language = /\.ya?ml$/.test(name) ? yaml() : drillLanguage(this.words)
    this.view.dispatch({ effects: this.language.reconfigure(language) })
  }
}
