// A flag that actors of one run raise for each other and wait on through the engine, which wakes the waiters. It is not
// remembered: who waits looks at what it waits for first.

export class Flag {
  private readonly waiters = new Set<() => void>()

  raise(): void {
    for (const wake of [...this.waiters]) wake()
  }

  /** For engines alone: calls `wake` whenever the flag is raised, until the returned function is called. */
  watch(wake: () => void): () => void {
    this.waiters.add(wake)
    return () => this.waiters.delete(wake)
  }
}
