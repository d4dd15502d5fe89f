// The commits of a cluster as its servers wrote them: branches, each written by one server from the end of one recovery
// to the end of its next. A server that replays is somewhere on them, and may go on only to the commit that comes next.

export interface Commit {
  readonly xid: number
  /** Where its record ends. */
  readonly lsn: number
  /** The event that told of it. */
  readonly sequence: number
}

export class Branch {
  readonly writer: string
  /** Where it leaves those that it continues. */
  readonly start: number
  /** In the order of the WAL. */
  readonly commits: Commit[] = []
  readonly children: Branch[] = []

  constructor(writer: string, start: number) {
    this.writer = writer
    this.start = start
  }

  /** The first commit behind this place. */
  after(lsn: number): Commit | undefined {
    let [low, high] = [0, this.commits.length]
    while (low < high) {
      const middle = (low + high) >> 1
      if (this.commits[middle].lsn > lsn) high = middle
      else low = middle + 1
    }
    return this.commits[low]
  }
}

/** The commits that may come next behind a place, each with its branch; of several branches where nothing tells them apart. */
export function* nextOf(branches: Iterable<Branch>, lsn: number): Generator<readonly [Commit, Branch]> {
  const seen = new Set<Branch>(branches)
  // A set gives what is added to it while it is walked, too.
  for (const branch of seen) {
    const commit = branch.after(lsn)
    if (commit) yield [commit, branch]
    // What was written before the child left this branch has to come first.
    for (const child of branch.children) {
      if (child.start >= lsn && (!commit || child.start < commit.lsn)) seen.add(child)
    }
  }
}
