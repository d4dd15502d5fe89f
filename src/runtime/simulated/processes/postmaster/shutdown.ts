// The three ways down. Mirrors pmdie of postmaster.c.

import type { Postmaster } from './postmaster-context.ts'
import { advance } from './state-machine.ts'

/** SIGTERM: no new clients; when the last has left, the rest follows. */
export function smartShutdown(postmaster: Postmaster): void {
  const { state, me, server } = postmaster
  if (state.isGoingDown) return
  state.shutdown = 'smart'
  server.environment.log.log(me, 'received smart shutdown request')
  postmaster.tellRefusing('smart shutdown')
  if (state.phase === 'run' || state.phase === 'hot standby') state.admitsClients = false
  else if (state.phase === 'startup' || state.phase === 'recovery') state.phase = 'stop backends'
  advance(postmaster)
}

/** SIGINT: clients are sent away, then the shutdown checkpoint. */
export function fastShutdown(postmaster: Postmaster): void {
  const { state, me, server } = postmaster
  if (state.shutdown === 'fast' || state.shutdown === 'immediate') return
  state.shutdown = 'fast'
  server.environment.log.log(me, 'received fast shutdown request')
  postmaster.tellRefusing('fast shutdown')
  if (state.phase === 'startup' || state.phase === 'recovery') {
    state.phase = 'stop backends'
  } else if (state.phase === 'run' || state.phase === 'hot standby') {
    server.environment.log.log(me, 'aborting any active transactions')
    state.phase = 'stop backends'
  }
  advance(postmaster)
}

/** SIGQUIT: everybody drops what he has; the next start recovers. */
export function immediateShutdown(postmaster: Postmaster): void {
  const { state, me, server, children } = postmaster
  if (state.shutdown === 'immediate') return
  state.shutdown = 'immediate'
  server.environment.log.log(me, 'received immediate shutdown request')
  postmaster.tellRefusing('immediate shutdown')
  server.quitReason = 'immediate shutdown'
  if (children.has('startup')) state.startup = 'signaled'
  children.signalAll('QUIT')
  state.phase = 'wait backends'
  state.abortStartedAt = me.now()
  advance(postmaster)
}
