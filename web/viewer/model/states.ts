// What a process or a client can be in the middle of, for colours and for sums.

export const states = ['absent', 'idle', 'transaction', 'running', 'lock', 'waiting', 'stopped'] as const
export type State = (typeof states)[number]

/** Places in `states`: lanes keep numbers. */
export const stateOf = Object.fromEntries(states.map((state, at) => [state, at])) as Readonly<Record<State, number>>

export const stateNames: Readonly<Record<State, string>> = {
  absent: 'not there',
  idle: 'idle',
  transaction: 'idle in transaction',
  running: 'running',
  lock: 'waits for a lock',
  waiting: 'waits for a disk, a standby …',
  stopped: 'refuses',
}
