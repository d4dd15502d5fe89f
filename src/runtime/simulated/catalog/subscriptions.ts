// Subscriptions, as their rows in pg_subscription say, and the states of their tables. Mirrors pg_subscription.c.

import type { Datum } from '../access/tuple-descriptor.ts'
import { pgSubscription } from './tables.ts'

export interface Subscription {
  readonly oid: number
  /** OID of the database that it writes to. */
  readonly database: number
  readonly name: string
  readonly isEnabled: boolean
  readonly conninfo: string
  /** Undefined: it has none. */
  readonly slotName: string | undefined
  readonly publications: readonly string[]
  readonly disablesOnError: boolean
  /** The transaction that ends there is not applied; 0: none. */
  readonly skipLsn: number
  /** Of the transactions that apply it. */
  readonly synchronousCommit: string
}

export function makeSubscription(row: readonly Datum[]): Subscription {
  const get = <T>(column: string) => row[pgSubscription.at(column)] as T
  return {
    oid: get<number>('oid'),
    database: get<number>('subdbid'),
    name: get<string>('subname'),
    isEnabled: get<boolean>('subenabled'),
    conninfo: get<string>('subconninfo'),
    slotName: get<string | null>('subslotname') ?? undefined,
    publications: get<string[]>('subpublications'),
    disablesOnError: get<boolean>('subdisableonerr'),
    skipLsn: get<number>('subskiplsn'),
    synchronousCommit: get<string>('subsynccommit'),
  }
}

/** How far the first copy of a table is: as pg_subscription_rel has it, and what only the workers tell each other. */
export const tableState = {
  init: 'i',
  copying: 'd',
  finishedCopy: 'f',
  /** Waits for the apply worker to say how far it is; in memory alone. */
  syncWait: 'w',
  /** Catches up with it; in memory alone. */
  catchUp: 'c',
  syncDone: 's',
  ready: 'r',
  unknown: '',
} as const

/** By which a subscription's progress is known, and that of the copy of one of its tables. */
export function originName(subscription: number, table?: number): string {
  return table === undefined ? `pg_${subscription}` : `pg_${subscription}_${table}`
}

/** The slot of the copy of a table, on the publisher. */
export function syncSlotName(subscription: number, table: number, systemIdentifier: bigint): string {
  return `pg_${subscription}_sync_${table}_${systemIdentifier}`
}
