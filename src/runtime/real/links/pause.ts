// Waiting for a time of the process's clock.

/** The longest that a timer of Node.js takes. */
const longest = 2 ** 31 - 1

/** Until this time, in milliseconds of the process, or until the signal comes. */
export async function pause(until: number, signal: AbortSignal): Promise<void> {
  // What is due within a timer's grain, a millisecond, is due now.
  while (!signal.aborted && until - performance.now() > 0.5) {
    const wait = Math.min(until - performance.now(), longest)
    await new Promise<void>(resolve => {
      const done = (): void => {
        clearTimeout(timer)
        signal.removeEventListener('abort', done)
        resolve()
      }
      const timer = setTimeout(done, wait)
      signal.addEventListener('abort', done)
    })
  }
}
