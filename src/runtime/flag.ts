// A flag that actors of one run raise for each other and wait on through the engine, which wakes the waiters.

export class Flag {
  private raised = false
  private readonly waiters = new Set<() => void>()

  get isRaised(): boolean {
    return this.raised
  }

  raise(): void {
    this.raised = true
    for (const wake of [...this.waiters]) wake()
  }

  lower(): void {
    this.raised = false
  }

  /** For engines alone: calls `wake` whenever the flag is raised, until the returned function is called. */
  watch(wake: () => void): () => void {
    this.waiters.add(wake)
    return () => this.waiters.delete(wake)
  }
}
