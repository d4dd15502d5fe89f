// Plays steps of sessions in a given order, as isolationtester does: a step that waits for a lock is left waiting and
// the next one begun; a step of a session that still waits is begun only when that one is done.
//
// | marker | the step |
// |---|---|
// | `b1(a2)` | is not taken as done before a2 is |
// | `b1(*)` | is taken as waiting as soon as it is begun |
// | `b1(a2 notices 3)` | is not taken as done before a2 got three notices |

import { millisecond, second } from '../../model/units.ts'
import { type Action, ask } from '../engine.ts'
import type { Stage } from '../stage.ts'
import type { PlayedStep } from './session.ts'

export interface OrderedStep {
  readonly name: string
  readonly markers: readonly string[]
}

/** How often a step that does not answer is looked at, as isolationtester does. */
const lookEvery = 10 * millisecond
/** How long a step may take before it is given up: isolationtester's PGISOLATIONTIMEOUT. */
const patience = 360 * second

/** Waiting steps with the markers that hold them back. */
interface Waiting {
  readonly step: PlayedStep
  readonly markers: readonly string[]
  told: boolean
}

export class Interleaving {
  private readonly stage: Stage
  private readonly played = new Map<string, PlayedStep>()
  private waiting: Waiting[] = []

  constructor(stage: Stage) {
    this.stage = stage
  }

  /** True if every step was done in the end. */
  *play(order: readonly OrderedStep[]): Action<boolean> {
    for (const { name, markers } of order) {
      const session = this.stage.sessionOfStep.get(name)!
      // A session does one thing at a time.
      while (session.current) if (!(yield* this.settle(session.current))) return false
      yield* this.look()
      if (!(yield* session.open())) return false
      const step = session.begin(name)
      this.played.set(name, step)
      const waiting: Waiting = { step, markers, told: false }
      if (markers.includes('*')) yield* this.tellWaiting(waiting, [])
      else if (yield* this.finishesOrWaits(waiting)) {
        if (this.isHeldBack(waiting)) this.waiting.push(waiting)
        continue
      }
      this.waiting.push(waiting)
    }
    for (const { step } of this.waiting) if (!(yield* this.settle(step))) return false
    return true
  }

  /** Waits for a step however long it takes, within patience. */
  private *settle(step: PlayedStep): Action<boolean> {
    const until = this.stage.now() + patience
    while (!step.isFinished) {
      if (!(yield* ask({ kind: 'wait', flag: this.stage.progress, until }))) {
        this.giveUp(step)
        return false
      }
    }
    this.waiting = this.waiting.filter(waiting => waiting.step !== step || this.isHeldBack(waiting))
    return true
  }

  /** Lets steps that were waiting come to their end, if what they waited for is gone. */
  private *look(): Action {
    const still: Waiting[] = []
    for (const waiting of this.waiting) {
      const finished = yield* this.finishesOrWaits(waiting)
      if (!finished || this.isHeldBack(waiting)) still.push(waiting)
    }
    this.waiting = still
  }

  /** True: the step is done. False: it waits for a lock. */
  private *finishesOrWaits(waiting: Waiting): Action<boolean> {
    const { step } = waiting
    const until = this.stage.now() + patience
    while (!step.isFinished) {
      const woken = yield* ask({ kind: 'wait', flag: this.stage.progress, until: this.stage.now() + lookEvery })
      if (woken) continue
      const { connection } = step.session
      const blockers = connection ? yield* ask({ kind: 'blockers', connection }) : []
      if (blockers.length > 0) {
        yield* this.tellWaiting(waiting, blockers)
        return false
      }
      if (this.stage.now() >= until) {
        this.giveUp(step)
        return false
      }
    }
    return true
  }

  private *tellWaiting(waiting: Waiting, blockers: readonly number[]): Action {
    if (waiting.told) return
    waiting.told = true
    const { name, session } = waiting.step
    const blocker = blockers.map(pid => this.stage.sessionOf(pid)).find(each => each !== undefined)
    this.stage.tell('step.waited', session.place, {
      session: session.options.name,
      step: name,
      ...(blocker ? { blocker } : {}),
    })
  }

  private isHeldBack({ markers }: Waiting): boolean {
    return markers.some(marker => {
      if (marker === '*') return false
      const [name, , count] = marker.split(/\s+/)
      const other = this.played.get(name)
      return count === undefined ? !other?.isFinished : (other?.notices ?? 0) < Number(count)
    })
  }

  private giveUp(step: PlayedStep): void {
    const { place, options } = step.session
    const message = `step ${step.name} was not done within ${patience / second} seconds`
    this.stage.tell('client.error', place, { client: options.name, index: 0, level: 'ERROR', message })
  }
}
