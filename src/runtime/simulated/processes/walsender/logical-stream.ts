// The stream of a subscriber: the WAL is decoded record after record, what is published is sent, and what the subscriber has
// for good is noted in its slot. Mirrors XLogSendLogical and WalSndWaitForWal.

import type { Coroutine } from '../../kernel/task.ts'
import { Pgoutput } from '../../logical/pgoutput.ts'
import type { Decoding } from '../../logical/services.ts'
import { confirmReceived, openDecoder } from '../../logical/slots.ts'
import { textPlugin } from '../../logical/text-plugin.ts'
import type { ReplicationSlot } from '../../replication/slot.ts'
import { firstBehind } from '../../replication/standby-confirmation.ts'
import { fail } from '../../shared/error.ts'
import type { FrontendMessage, LogicalChange } from '../../shared/protocol.ts'
import { send } from '../backend/report.ts'
import type { Sending } from './sending.ts'
import { sendKeepalive, streamFrom } from './stream.ts'

/** Before a message of the stream: its kind, two positions, a time. */
const headerSize = 30
/** Replies are looked for after so many records. */
const recordsBetweenReplies = 50

/** Streams until the subscriber leaves (false), or wants something else (true). */
export function* streamChanges(
  self: Sending,
  decoding: Decoding,
  { slot: name, start, publications, options }: Extract<FrontendMessage, { kind: 'start logical replication' }>,
): Coroutine<boolean> {
  const { me, server, client, sender } = self
  const { slots, requests } = server.shared
  const sendChange = (change: LogicalChange, lsn: number, size: number): void => {
    send(client, { kind: 'logical change', start: lsn, end: lsn, sentAt: me.now(), change, size: size + headerSize })
  }
  const { slot, decoder } = openDecoder(decoding, name, { start }, ({ plugin }) => {
    if (publications) return new Pgoutput({ slot: name, publications, send: sendChange, warn: warnOfMissing(self) })
    if (plugin === 'pgoutput' && options?.has('proto_version')) {
      fail('0A000', 'streaming from pgoutput to who is no subscriber is not played yet')
    }
    return textPlugin(name, plugin, options ?? new Map(), ({ lsn, data }) => {
      const size = data.length + headerSize
      send(client, { kind: 'logical text', start: lsn, end: lsn, sentAt: me.now(), data, size })
    })
  })
  sender.slot = slot
  send(client, { kind: 'copy both', size: 8 })
  sender.phase = 'catchup'
  sender.sent = slot.logical!.confirmedFlush
  requests.logicalSenders.add(me.latch)
  let confirmed = 0
  const noteConfirmed = function* (): Coroutine {
    const lsn = confirmed
    confirmed = 0
    if (lsn > 0) yield* confirmReceived(decoding, slot, lsn)
  }
  let waitsForStandbys = false
  const outcome = yield* streamFrom(self, {
    get waitEvent() {
      return waitsForStandbys ? 'WaitForStandbyConfirmation' : 'WalSenderWaitForWAL'
    },
    timeline: server.shared.wal.timeline,
    confirmed: lsn => {
      confirmed = lsn
    },
    hasMore: () => true,
    *send(takeReplies) {
      for (let count = 1; ; count++) {
        yield* noteConfirmed()
        waitsForStandbys = mustWaitForStandbys(self, slot)
        if (waitsForStandbys) break
        const isMore = yield* decoder.step()
        sender.sent = Math.max(sender.sent, decoder.position)
        if (!isMore) break
        sender.lag.sent(sender.sent, me.now())
        if (count % recordsBetweenReplies === 0) takeReplies()
      }
      // What was decoded may have been of no concern to the subscriber: it is told how far that was.
      if (sender.flushed < sender.sent && sender.written < sender.sent) sendKeepalive(self, false)
      return 'caught up'
    },
  })
  requests.logicalSenders.delete(me.latch)
  yield* noteConfirmed()
  if (outcome === 'over') return false
  slots.release(me, slot)
  sender.slot = undefined
  sender.phase = 'startup'
  send(client, { kind: 'copy done', size: 5 })
  send(client, { kind: 'command complete', tag: 'COPY 0', size: 12 })
  return true
}

/** A subscriber may not be ahead of the standbys that could take over. */
function mustWaitForStandbys({ me, server, proc }: Sending, slot: ReplicationSlot): boolean {
  const { environment, shared } = server
  if (!slot.logical?.failover || shared.recovery.inRecovery) return false
  const behind = firstBehind(environment, shared.slots, shared.wal.flushedLsn)
  if (behind === undefined) return false
  shared.slots.confirmed.listen(me)
  if (behind !== 'under way') environment.log.report(me, { level: 'WARNING', ...behind, statement: proc.statement })
  return true
}

/** From 18 on a publication that is missing is passed over. */
function warnOfMissing({ me, server, proc }: Sending): ((publication: string) => void) | undefined {
  const { environment } = server
  if (environment.version < 18) return undefined
  return publication => {
    environment.log.report(me, {
      level: 'WARNING',
      sqlstate: '55000',
      message: `skipped loading publication "${publication}"`,
      detail: 'The publication does not exist at this point in the WAL.',
      hint: 'Create the publication if it does not exist.',
      statement: proc.statement,
    })
  }
}
