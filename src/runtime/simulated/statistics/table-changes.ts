// What one level of a transaction did to the rows of a table: whether they are live or dead then depends on how it ends.
// Mirrors PgStat_TableXactStatus.

export interface RowCounts {
  readonly inserted: number
  readonly updated: number
  readonly deleted: number
}

export class TableChanges {
  inserted = 0
  updated = 0
  deleted = 0
  /** Counts from before the table was emptied: they come back if that is rolled back. */
  private beforeTruncate: RowCounts | undefined

  static of(now: RowCounts, before: RowCounts | undefined): TableChanges {
    const changes = new TableChanges()
    Object.assign(changes, now)
    changes.beforeTruncate = before
    return changes
  }

  /** The counts, and those from before the table was emptied. */
  both(): { readonly now: RowCounts; readonly before: RowCounts | undefined } {
    const { inserted, updated, deleted } = this
    return { now: { inserted, updated, deleted }, before: this.beforeTruncate }
  }

  get wasTruncated(): boolean {
    return this.beforeTruncate !== undefined
  }

  truncate(): void {
    const { inserted, updated, deleted } = this
    this.beforeTruncate ??= { inserted, updated, deleted }
    this.inserted = 0
    this.updated = 0
    this.deleted = 0
  }

  /** Takes over a subtransaction that was released into this level. */
  merge(inner: TableChanges): void {
    if (inner.wasTruncated) {
      this.truncate()
      this.inserted = inner.inserted
      this.updated = inner.updated
      this.deleted = inner.deleted
      return
    }
    this.inserted += inner.inserted
    this.updated += inner.updated
    this.deleted += inner.deleted
  }

  /** It is rolled back: what was done before the table was emptied counts again. */
  undoTruncate(): void {
    if (this.beforeTruncate) Object.assign(this, this.beforeTruncate)
    this.beforeTruncate = undefined
  }
}
