// The ledger of commits: what was acknowledged to which client, and what it was in when its connection was lost. At a
// settlement the node that serves now is asked which of them it has.

export interface Entry {
  readonly client: string
  readonly index: number
  /** The node that acknowledged it, or was about to. */
  readonly node: string
  /** Which connection of the client it was. */
  readonly connection: number
  readonly xid: number
  /** Where the commit record ends; missing for what was never acknowledged, and where the engine cannot know. */
  readonly lsn?: number
  readonly asynchronous?: boolean
  /** When it was acknowledged, or when the connection was lost. */
  readonly time: number
}

export class Ledger {
  readonly acknowledged: Entry[] = []
  /** Nobody knows whether these are committed: the connection was lost before the answer. */
  readonly inDoubt: Entry[] = []
  /** Entries that were told of at an earlier settlement. */
  private readonly told = new Set<Entry>()

  /** True the first time that an entry is told of. */
  tellOnce(entry: Entry): boolean {
    if (this.told.has(entry)) return false
    this.told.add(entry)
    return true
  }
}
