// What the playground knows and does, apart from how it looks: the scenario in the editor, what was found in it, how it
// was played. The parts of the page listen to it.

import type { Diagnostic, SourceFile } from '../../src/index.ts'
import { Editor } from './editor/editor.ts'
import { Engine, Stopped } from './engine.ts'
import type { Knob } from './knobs.ts'
import { firstLesson, lessons } from './lessons.ts'
import { hashOf, scenarioOf } from './link.ts'
import type { PlayedRun } from './protocol.ts'

export interface State {
  readonly name: string
  readonly diagnostics: readonly Diagnostic[]
  readonly knobs: readonly Knob[]
  readonly playing: boolean
  /** Of what was played last: the text may have changed since. */
  readonly runs: readonly PlayedRun[]
  readonly shown: number
  /** One line: what came of it, or what is happening. */
  readonly status: string
  /** The status is bad news. */
  readonly alarm: boolean
}

/** Milliseconds from the last letter to the reading, and from there to the playing. */
const beforeReading = 150
const beforePlaying = 400
/** Milliseconds. What takes longer is not played by itself at every change. */
const quick = 4000

export class Studio {
  state: State = {
    name: '',
    diagnostics: [],
    knobs: [],
    playing: false,
    runs: [],
    shown: 0,
    status: 'loading the engine',
    alarm: false,
  }
  private readonly engine = new Engine()
  private readonly editor: Editor
  private readonly listeners = new Set<() => void>()
  private readonly timers = new Map<string, ReturnType<typeof setTimeout>>()
  private lastTook = 0

  constructor(place: HTMLElement) {
    this.editor = new Editor(place, { changed: () => this.changed(), play: () => void this.play() })
    addEventListener('hashchange', () => void this.openLink())
  }

  async begin(): Promise<void> {
    if (!(await this.openLink())) this.open({ name: baseName(firstLesson.path), text: firstLesson.text })
    this.editor.learn(await this.engine.vocabulary())
  }

  listen(listener: () => void): () => void {
    this.listeners.add(listener)
    return () => this.listeners.delete(listener)
  }

  openLesson(path: string): void {
    const lesson = lessons.find(each => each.path === path)
    if (!lesson) return
    history.replaceState(null, '', location.pathname)
    this.open({ name: baseName(path), text: lesson.text })
  }

  /** Puts the link into the address and into the clipboard. */
  async share(): Promise<void> {
    history.replaceState(null, '', await hashOf(this.source))
    try {
      await navigator.clipboard.writeText(location.href)
      this.change({ status: 'the link is in the clipboard: it carries the whole scenario', alarm: false })
    } catch {
      this.change({ status: 'the link is in the address: it carries the whole scenario', alarm: false })
    }
  }

  async convert(): Promise<void> {
    const to = /\.ya?ml$/.test(this.state.name) ? 'drill' : 'yaml'
    const { text } = await this.engine.convert(this.source, to)
    if (text === undefined)
      this.change({ status: 'mend the scenario first: only a right one is converted', alarm: true })
    else this.open({ name: this.state.name.replace(/\.\w+$/, `.${to}`), text })
  }

  turn(knob: Knob, text: string): void {
    if (this.editor.text.slice(knob.start, knob.end) === knob.text) this.editor.replace(knob.start, knob.end, text)
  }

  show(run: number): void {
    this.change({ shown: run })
  }

  goTo(offset: number): void {
    this.editor.goTo(offset)
  }

  async play(): Promise<void> {
    this.cancel('playing')
    const begun = performance.now()
    this.change({ playing: true, status: 'playing', alarm: false })
    try {
      const { diagnostics, runs, summary } = await this.engine.play(this.source, seconds =>
        this.change({ status: `${seconds.toFixed(1)} s played` }),
      )
      this.lastTook = performance.now() - begun
      if (diagnostics.length > 0) return this.complain(diagnostics)
      const shown = Math.max(
        0,
        runs.findIndex(({ name }) => name === this.state.runs[this.state.shown]?.name),
      )
      this.change({ playing: false, runs, shown, status: summary, alarm: runs.some(({ failed }) => failed > 0) })
    } catch (error) {
      if (error instanceof Stopped) return
      this.change({
        playing: false,
        status: `pgdrill has a fault of its own: ${(error as Error).message}`,
        alarm: true,
      })
    }
  }

  stop(): void {
    this.engine.stop()
    this.change({ playing: false, status: 'stopped', alarm: false })
    this.lastTook = Number.POSITIVE_INFINITY
  }

  private get source(): SourceFile {
    return { name: this.state.name, text: this.editor.text }
  }

  private open(source: SourceFile): void {
    this.lastTook = 0
    this.change({ name: source.name, runs: [], shown: 0 })
    this.editor.open(source)
    this.changed()
  }

  private async openLink(): Promise<boolean> {
    const source = await scenarioOf(location.hash)
    if (!source) return false
    this.open(source)
    return true
  }

  private changed(): void {
    this.cancel('playing')
    this.later('reading', beforeReading, () => void this.read())
  }

  private async read(): Promise<void> {
    try {
      const { text, diagnostics, knobs } = await this.engine.read(this.source)
      // Somebody writes faster than is read.
      if (text !== this.editor.text) return
      if (diagnostics.length > 0) return this.complain(diagnostics)
      this.editor.complain([])
      this.change({ diagnostics, knobs, alarm: false, status: this.state.playing ? this.state.status : 'ready' })
      if (this.lastTook < quick) this.later('playing', beforePlaying, () => void this.play())
      else this.change({ status: 'changed: Ctrl-Enter plays it' })
    } catch (error) {
      this.change({ status: `pgdrill has a fault of its own: ${(error as Error).message}`, alarm: true })
    }
  }

  private complain(diagnostics: readonly Diagnostic[]): void {
    this.editor.complain(diagnostics)
    const more = diagnostics.length > 1 ? ` (and ${diagnostics.length - 1} more)` : ''
    this.change({ diagnostics, knobs: [], playing: false, status: `${diagnostics[0].message}${more}`, alarm: true })
  }

  private later(what: string, milliseconds: number, action: () => void): void {
    this.cancel(what)
    this.timers.set(what, setTimeout(action, milliseconds))
  }

  private cancel(what: string): void {
    clearTimeout(this.timers.get(what))
  }

  private change(change: Partial<State>): void {
    this.state = { ...this.state, ...change }
    for (const listener of this.listeners) listener()
  }
}

function baseName(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1)
}
