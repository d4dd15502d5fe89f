// One server with one or more clients, for tests of SQL: statements in, what psql would show out.

import { second } from '../../../../src/model/units.ts'
import { bootstrapFiles } from '../../../../src/runtime/simulated/catalog/bootstrap.ts'
import { Random } from '../../../../src/runtime/simulated/kernel/random.ts'
import { processTypes } from '../../../../src/runtime/simulated/processes/index.ts'
import { installCluster } from '../../../../src/runtime/simulated/recovery/initdb.ts'
import { Server } from '../../../../src/runtime/simulated/server.ts'
import type { BackendMessage } from '../../../../src/runtime/simulated/shared/protocol.ts'
import { systemViews } from '../../../../src/runtime/simulated/views/views.ts'
import { Client, Play } from '../processes/play.ts'

export class TestServer {
  readonly play = new Play()
  readonly server
  private now = second

  constructor(version: 15 | 16 | 17 | 18 = 15, settings: Record<string, string> = {}) {
    const { environment } = this.play.server('primary', version, settings)
    this.server = new Server(environment, processTypes, systemViews)
    installCluster(this.server.environment, new Random(1), bootstrapFiles(version, 716))
    this.server.start()
    this.play.until(this.now)
  }

  connect(): TestSession {
    const session = new TestSession(this, new Client(this.play, 'primary'))
    this.run(0.1)
    return session
  }

  /** Lets so many virtual seconds pass. */
  run(seconds: number): void {
    this.now += Math.round(seconds * second)
    this.play.until(this.now)
  }
}

/** Lets so many virtual seconds pass. */
interface Clock {
  run(seconds: number): void
}

export class TestSession {
  private readonly on: Clock
  readonly client: Client
  private seen = 0

  constructor(on: Clock, client: Client) {
    this.on = on
    this.client = client
  }

  send(template: string, values: readonly string[] = []): void {
    this.client.socket!.send({ kind: 'query', template, values, size: template.length } as never)
  }

  /** What came since the last call. */
  take(): BackendMessage[] {
    const fresh = this.client.messages.slice(this.seen)
    this.seen = this.client.messages.length
    return fresh
  }

  /** Sends, waits for the answer, gives the messages without ReadyForQuery. */
  query(template: string, values: readonly string[] = []): BackendMessage[] {
    this.take()
    this.send(template, values)
    for (let round = 0; round < 200; round++) {
      this.on.run(0.05)
      if (this.client.messages.slice(this.seen).some(message => message.kind === 'ready')) break
    }
    return this.take().filter(message => message.kind !== 'ready' && message.kind !== 'authenticated')
  }

  /** The rows of the last result. */
  rows(template: string, values: readonly string[] = []): (string | null)[][] {
    const messages = this.query(template, values)
    const rows = messages.filter(message => message.kind === 'rows').at(-1)
    if (!rows) throw new Error(JSON.stringify(messages))
    return rows.rows.map(row => [...row])
  }
}
