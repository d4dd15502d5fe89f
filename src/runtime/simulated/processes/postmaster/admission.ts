// Whether a connection is let in, and the words in which it is refused. Mirrors canAcceptConnections of postmaster.c
// and the refusals of ProcessStartupPacket.

import type { Admission, Refusal, Server } from '../../server.ts'
import type { Children } from './children.ts'
import type { PostmasterState } from './state.ts'

export function admit(server: Server, state: PostmasterState, children: Children): Admission {
  const refusal = refusalByState(server, state) ?? refusalByNumber(server, children)
  return refusal ? { refusal } : {}
}

function refusalByState(server: Server, state: PostmasterState): Refusal | undefined {
  const refuse = (message: string, detail?: string): Refusal => ({ sqlstate: '57P03', message, detail })
  if (state.phase !== 'run' && state.phase !== 'hot standby') {
    if (state.isGoingDown) return refuse('the database system is shutting down')
    if (!state.fatalError && state.phase === 'startup') return refuse('the database system is starting up')
    if (!state.fatalError && state.phase === 'recovery') {
      return server.environment.settings.get('hot_standby')
        ? refuse(
            'the database system is not yet accepting connections',
            'Consistent recovery state has not been yet reached.',
          )
        : refuse('the database system is not accepting connections', 'Hot standby mode is disabled.')
    }
    return refuse('the database system is in recovery mode')
  }
  return state.admitsClients ? undefined : refuse('the database system is shutting down')
}

/** The postmaster's own limit is twice that of backends, so that cancel requests get through. */
function refusalByNumber({ environment: { settings } }: Server, children: Children): Refusal | undefined {
  const limit = 2 * (settings.get('max_connections') + settings.get('max_wal_senders') + 1)
  const count = children.all.filter(child => child.type === 'backend').length
  return count < limit ? undefined : { sqlstate: '53300', message: 'sorry, too many clients already' }
}
