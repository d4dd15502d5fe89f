// What a run with a crash or a failover has cost: what of the acknowledged was lost, and how long nobody was served.

/** What became of a client's commits. */
export interface CommitLedger {
  readonly client: string
  readonly acknowledged: number
  readonly lost: number
  /** There, though nobody was told. */
  readonly ghosts: number
}

export interface RecoveryPoint {
  /** From the first lost acknowledgement to the fault, in nanoseconds; 0 if nothing is lost. */
  readonly time: number
  readonly ledger: readonly CommitLedger[]
}

export interface RecoveryTime {
  /** Nanoseconds: the longest stretch without an acknowledgement in the worst outage. */
  readonly time: number
  /** When the fault struck, or the last commit before the stretch was acknowledged, if the fault took time to bite. */
  readonly from: number
  /** Whether a commit was acknowledged again before the run ended. */
  readonly ended: boolean
}

/** A part is missing where it was not measured. */
export interface Recovery {
  /** Only where a check wanted to know which commits are there. */
  readonly point?: RecoveryPoint
  readonly time?: RecoveryTime
}
