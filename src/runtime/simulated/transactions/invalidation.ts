// What one backend tells the others that it changed in the catalogs, when it commits. Mirrors sinvaladt.c, without its
// bounded queue: a message stays until every backend has read it.

/** 16 bytes in a commit record. What the numbers mean is between the catalog and itself. */
export interface InvalidationMessage {
  /** The catalog cache's id (0 and up), or -1 catalog, -2 relation, -3 file, -4 relation map, -5 snapshot. */
  readonly id: number
  /** 0: shared. */
  readonly database: number
  /** The relation's OID, or the hash of a catalog row. */
  readonly value: number
}

export class InvalidationQueue {
  private messages: InvalidationMessage[] = []
  /** How many messages were dropped from the front. */
  private dropped = 0
  private readonly readers: InvalidationReader[] = []

  send(messages: readonly InvalidationMessage[]): void {
    for (const message of messages) this.messages.push(message)
    this.dropRead()
  }

  /** A new backend's; it sees what is sent from now on. */
  register(): InvalidationReader {
    const reader = new InvalidationReader(this, this.end)
    this.readers.push(reader)
    return reader
  }

  unregister(reader: InvalidationReader): void {
    const index = this.readers.indexOf(reader)
    if (index >= 0) this.readers.splice(index, 1)
  }

  get end(): number {
    return this.dropped + this.messages.length
  }

  /** For InvalidationReader alone. */
  from(position: number): InvalidationMessage[] {
    return this.messages.slice(position - this.dropped)
  }

  private dropRead(): void {
    if (this.messages.length < 1024) return
    const oldest = this.readers.reduce((least, reader) => Math.min(least, reader.position), this.end)
    this.messages = this.messages.slice(oldest - this.dropped)
    this.dropped = oldest
  }
}

export class InvalidationReader {
  private readonly queue: InvalidationQueue
  position: number

  constructor(queue: InvalidationQueue, position: number) {
    this.queue = queue
    this.position = position
  }

  /** What came since the last call. Called when a transaction begins and after each lock of a relation. */
  take(): readonly InvalidationMessage[] {
    if (this.position === this.queue.end) return none
    const messages = this.queue.from(this.position)
    this.position = this.queue.end
    return messages
  }
}

const none: readonly InvalidationMessage[] = []
