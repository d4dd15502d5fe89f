// The archiver's list of files that wait: up to 64 from one look into pg_wal/archive_status, the most urgent first.
// Mirrors pgarch_readyXlog.

import type { Requests } from '../../shared/requests.ts'
import type { ArchiveStatus } from '../../wal/archive-status.ts'

const mostAtOnce = 64

export class ReadyFiles {
  private readonly status: ArchiveStatus
  private readonly requests: Requests
  private found: string[] = []

  constructor(status: ArchiveStatus, requests: Requests) {
    this.status = status
    this.requests = requests
  }

  /** What was found before does not count any more. */
  clear(): void {
    this.found = []
  }

  /** The next one to archive; undefined if none waits. */
  next(): string | undefined {
    if (this.requests.archiveDirectoryScan) this.clear()
    this.requests.archiveDirectoryScan = false
    for (let name = this.found.shift(); name !== undefined; name = this.found.shift()) {
      if (this.status.isReady(name)) return name
    }
    this.found = this.status.waiting().sort(byUrgency).slice(0, mostAtOnce)
    return this.found.shift()
  }
}

/** Histories of timelines before all others, then the older before the newer. */
function byUrgency(a: string, b: string): number {
  const [aFirst, bFirst] = [isHistory(a), isHistory(b)]
  if (aFirst !== bFirst) return aFirst ? -1 : 1
  return a < b ? -1 : a > b ? 1 : 0
}

function isHistory(name: string): boolean {
  return /^[0-9A-F]{8}\.history$/.test(name)
}
