// What the startup process and the WAL receiver tell each other. Mirrors WalRcvData (walreceiver.h).

import type { Process } from '../machine/process.ts'

export type WalReceiverPhase = 'stopped' | 'starting' | 'streaming' | 'waiting' | 'restarting' | 'stopping'

/** LSNs are byte positions. */
export class WalReceiverState {
  phase: WalReceiverPhase = 'stopped'
  process: Process | undefined
  /** It has reached its upstream: what it shows of the connection is true. */
  isConnected = false
  /** Where the startup process wants the stream to begin, and of which timeline. */
  receiveStart = 0
  timeline = 0
  /** What to connect to. */
  conninfo = ''
  slotName = ''
  /** Up to here the stream is on the platter: the startup process may replay it. */
  flushed = 0
  flushedTimeline = 0
  /** Where the last piece began that was flushed. */
  chunkStart = 0
  written = 0
  /** The end of the sender's WAL when it last spoke; when that was sent first. */
  latestEnd = 0
  latestEndAt = 0
  /** When the sender's last message was sent, and when it came. */
  lastMessageSentAt = 0
  lastMessageAt = 0
  /** When the startup process last asked for it: one that doesn't come in ten seconds has failed. */
  startedAt = 0
  /** The WAL receiver is to reply though it has received nothing new. */
  wantsReply = false

  /** The primary is to hear how far replay is: a commit there waits for it, or there is nothing left to replay. */
  forceReply(cause: number | undefined): void {
    this.wantsReply = true
    this.process?.latch.set(cause)
  }

  get isRunning(): boolean {
    return this.phase !== 'stopped'
  }

  get isStreaming(): boolean {
    return this.phase === 'streaming' || this.phase === 'starting' || this.phase === 'restarting'
  }
}
