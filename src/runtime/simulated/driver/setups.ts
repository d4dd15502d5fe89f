// Plays the setups of a scenario on the primaries, one after the other, before the clock starts.

import type { SetupDeclaration, SetupFailure } from '../../engine.ts'
import type { Kernel } from '../kernel/kernel.ts'
import type { Actors } from './actors.ts'

export interface FailedSetup {
  readonly setup: SetupDeclaration
  readonly failure: SetupFailure
}

/** Gives the first that failed. */
export function playSetups(
  setups: readonly SetupDeclaration[],
  actors: Actors,
  kernel: Kernel,
): FailedSetup | undefined {
  let failed: FailedSetup | undefined
  let isDone = false
  actors.fork(function* (me) {
    for (const setup of setups) {
      const failure = yield* actors.perform(me, setup.action())
      if (!failure) continue
      failed = { setup, failure }
      break
    }
    isDone = true
  })
  while (!isDone && kernel.step(0));
  return failed
}
