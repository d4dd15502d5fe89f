// A part of a task's coroutine that is gone on with directly. `yield*` goes down through all that has called it each time
// that the task is woken, a dozen generators perhaps; of a process's main loop, in which it is woken for as long as it
// lives, those around it need not hear before it ends.

import type { Coroutine } from './task.ts'

export class Loop<Result> implements Iterator<void, Result, void> {
  /** The loop that this one stands in. */
  readonly outer: Loop<unknown> | undefined
  private readonly body: Coroutine<Result>
  private readonly left: () => void
  private ended: IteratorReturnResult<Result> | undefined
  private thrown: { readonly error: unknown } | undefined

  /** `left` is called when it has ended, by its return or an error. */
  constructor(outer: Loop<unknown> | undefined, body: Coroutine<Result>, left: () => void) {
    this.outer = outer
    this.body = body
    this.left = left
  }

  [Symbol.iterator](): this {
    return this
  }

  /** For `yield*` around it, which asks when it comes here, and again when the loop has ended. */
  next(): IteratorResult<void, Result> {
    if (this.goesOn()) return { done: false, value: undefined }
    if (this.thrown) throw this.thrown.error
    return this.ended!
  }

  /** Lets it run until it parks; false: it has ended. */
  goesOn(): boolean {
    if (this.ended || this.thrown) return false
    try {
      const result = this.body.next()
      if (!result.done) return true
      this.ended = result
    } catch (error) {
      this.thrown = { error }
    }
    this.left()
    return false
  }
}
