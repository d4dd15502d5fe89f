// pgdrill's own connection to a server, over its Unix socket, for what clients have no part in: probes, views, the
// making of standbys. It is opened when something is asked and closed when nobody has asked for a while: in the default
// database. What is asked in another one has a connection that is gone before the answer is handed over, since a session
// in a database keeps it from being dropped or copied.

import pg from 'pg'
import { defaultDatabase } from '../../engine.ts'

export type Rows = readonly (readonly (string | null)[])[]
export type Answer = { readonly rows: Rows } | { readonly failure: string }

/** In milliseconds. */
const idleLimit = 2000
const connectTimeout = 5000

type Failed = Error & { readonly severity?: string }

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
  query(sql: string, database = defaultDatabase): Promise<Answer> {
    const answer = this.last.then(() => (database === defaultDatabase ? this.ask(sql) : this.askIn(database, sql)))
    this.last = answer
    return answer
  }

  private async ask(sql: string): Promise<Answer> {
    clearTimeout(this.idle)
    this.client ??= this.connect(defaultDatabase)
    const mine = this.client
    try {
      return await answerOf(await mine, sql)
    } catch (error) {
      if ((error as Failed).severity !== 'ERROR' && this.client === mine) this.client = undefined
      return failureOf(error as Failed)
    } finally {
      this.rest()
    }
  }

  private async askIn(database: string, sql: string): Promise<Answer> {
    let client: pg.Client | undefined
    try {
      client = await this.connect(database)
      return await answerOf(client, sql)
    } catch (error) {
      return failureOf(error as Failed)
    } finally {
      await client?.end()
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

  private async connect(database: string): Promise<pg.Client> {
    if (this.isClosed) throw new Error('the run is over')
    const client = new pg.Client({
      host: this.folder,
      port: this.port,
      user: 'postgres',
      database,
      application_name: 'pgdrill',
      connectionTimeoutMillis: connectTimeout,
    })
    // The server may end the connection at any time: the next question opens a new one.
    client.on('error', () => {
      if (database === defaultDatabase) this.client = undefined
    })
    await client.connect()
    return client
  }
}

async function answerOf(client: pg.Client, sql: string): Promise<Answer> {
  const result = await client.query({ text: sql, rowMode: 'array', types: asText as never })
  // Of several statements the last one answers.
  const last = Array.isArray(result) ? result.at(-1) : result
  return { rows: last.rows as unknown as Rows }
}

function failureOf({ severity, message }: Failed): Answer {
  return { failure: severity ? `${severity}: ${message}` : message }
}
