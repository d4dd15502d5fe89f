// pgdrill's own connection to a server, over its Unix socket, for what clients have no part in: probes, views, the
// making of standbys. It is opened when something is asked and closed when nobody has asked for a while.

import pg from 'pg'

export type Rows = readonly (readonly (string | null)[])[]
export type Answer = { readonly rows: Rows } | { readonly failure: string }

/** In milliseconds. */
const idleLimit = 2000
const connectTimeout = 5000

/** Values as PostgreSQL writes them. */
const asText = { getTypeParser: () => (value: string) => value }

export class OwnConnection {
  private readonly folder: string
  private readonly port: number
  private client: Promise<pg.Client> | undefined
  private idle: NodeJS.Timeout | undefined
  /** The answer to the last question; it is never rejected. */
  private last: Promise<unknown> = Promise.resolve()
  private isHeld = false
  private isClosed = false

  constructor(folder: string, port: number) {
    this.folder = folder
    this.port = port
  }

  /** One question after the other. */
  query(sql: string): Promise<Answer> {
    const answer = this.last.then(() => this.ask(sql))
    this.last = answer
    return answer
  }

  private async ask(sql: string): Promise<Answer> {
    clearTimeout(this.idle)
    this.client ??= this.connect()
    const mine = this.client
    try {
      const client = await mine
      const result = await client.query({ text: sql, rowMode: 'array', types: asText as never })
      // Of several statements the last one answers.
      const last = Array.isArray(result) ? result.at(-1) : result
      return { rows: last.rows as unknown as Rows }
    } catch (error) {
      const { severity, message } = error as Error & { readonly severity?: string }
      if (severity !== 'ERROR' && this.client === mine) this.client = undefined
      return { failure: severity ? `${severity}: ${message}` : message }
    } finally {
      this.rest()
    }
  }

  /** For what cannot fail unless the server is at fault: throws if it does. */
  async rows(sql: string): Promise<Rows> {
    const answer = await this.query(sql)
    if ('failure' in answer) throw new Error(`${answer.failure} (${sql})`)
    return answer.rows
  }

  /** What is asked meanwhile is asked in one session. */
  async inOneSession<Result>(work: () => Promise<Result>): Promise<Result> {
    this.isHeld = true
    try {
      return await work()
    } finally {
      this.isHeld = false
      this.rest()
    }
  }

  /** Gives the connection up. What is asked later opens another, until `close`. */
  async leave(): Promise<void> {
    clearTimeout(this.idle)
    const { client } = this
    this.client = undefined
    await client?.then(
      each => each.end(),
      () => {},
    )
  }

  async close(): Promise<void> {
    this.isClosed = true
    await this.leave()
  }

  private rest(): void {
    clearTimeout(this.idle)
    if (this.isHeld) return
    this.idle = setTimeout(() => void this.leave(), idleLimit)
    this.idle.unref()
  }

  private async connect(): Promise<pg.Client> {
    if (this.isClosed) throw new Error('the run is over')
    const client = new pg.Client({
      host: this.folder,
      port: this.port,
      user: 'postgres',
      database: 'postgres',
      application_name: 'pgdrill',
      connectionTimeoutMillis: connectTimeout,
    })
    // The server may end the connection at any time: the next question opens a new one.
    client.on('error', () => {
      this.client = undefined
    })
    await client.connect()
    return client
  }
}
