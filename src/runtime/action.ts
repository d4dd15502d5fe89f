// What a word that acts is made of: finding what it strikes, telling it, doing it.

import type { Statement } from '../model/scenario.ts'
import type { Action } from './engine.ts'
import type { Stage } from './stage.ts'

/**
 * `missed`: it hit nothing, and why. `skipped`: why this engine cannot do it. `rest`: what it began; `label.done` is
 * reached when that returns true, and a text says why it failed.
 */
export interface Struck {
  readonly missed?: string
  readonly skipped?: string
  readonly rest?: Action<boolean | string>
}

/** How an action tells what it is about to do, before anything follows from it. Gives the event that is the cause. */
export interface Tell {
  /** Something breaks. `node` is where, if it is one node. */
  fault(text: string, hits: number, node?: string): number
  /** Something is ordered, as an operator would: the label is reached when the order is given. */
  order(text: string, node?: string): number
  /** The label is reached now; without this it is when the action has struck. */
  reached(cause?: number): void
  /** A fault that was to last for a time is over. */
  undone(text: string, node?: string): number
}

export interface ActionKind {
  readonly word: string
  strike(statement: Statement, stage: Stage, tell: Tell): Action<Struck>
}
