// Sees to it that nothing of a run stays, however pgdrill ends: by itself, by Ctrl-C, by a signal, by a fault of its own.
// Only SIGKILL gives it no chance: then the next run clears up.

const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const

/** Calls `clear`, which must be done when it returns, if pgdrill ends before the returned function is called. */
export function guard(clear: () => void): () => void {
  const onSignal = (signal: NodeJS.Signals) => {
    release()
    clear()
    // It ends as it would have ended without the guard.
    process.kill(process.pid, signal)
  }
  const onExit = () => clear()
  const release = () => {
    for (const signal of signals) process.off(signal, onSignal)
    process.off('exit', onExit)
  }
  for (const signal of signals) process.on(signal, onSignal)
  process.on('exit', onExit)
  return release
}
