// The messages between a client and a server, whole: PostgreSQL's frontend/backend protocol 3 without its bytes, and
// the replication protocol inside of it. `size` is what a message would have on the wire.

import type { Message } from '../machine/socket.ts'
import type { ErrorFields } from './error.ts'

export type FrontendMessage = Message &
  (
    | {
        readonly kind: 'startup'
        readonly user: string
        readonly database: string
        readonly applicationName: string
        /** A WAL sender for a standby, or for a subscriber of this database. */
        readonly replication?: 'physical' | 'logical'
        readonly options: Readonly<Record<string, string>>
      }
    /** On a connection of its own. */
    | { readonly kind: 'cancel'; readonly pid: number; readonly key: number }
    /** `$1` and so on in the template stand for the literals that the client put in. */
    | { readonly kind: 'query'; readonly template: string; readonly values: readonly string[] }
    | { readonly kind: 'parse'; readonly name: string; readonly template: string }
    | { readonly kind: 'execute'; readonly name: string; readonly values: readonly string[] }
    | { readonly kind: 'terminate' }
    | ReplicationFrontendMessage
  )

type ReplicationFrontendMessage =
  | { readonly kind: 'identify system' }
  | { readonly kind: 'timeline history'; readonly timeline: number }
  | {
      readonly kind: 'start replication'
      readonly slot: string | undefined
      readonly start: number
      readonly timeline: number
    }
  | {
      readonly kind: 'standby status'
      readonly written: number
      readonly flushed: number
      readonly applied: number
      readonly replyRequested: boolean
      readonly sentAt: number
    }
  /** What the standby's queries need, and what decoding needs of the catalogs; 0: nothing. */
  | { readonly kind: 'hot standby feedback'; readonly xmin: number; readonly catalogXmin: number }
  /** The standby has understood that this timeline ends. */
  | { readonly kind: 'copy done' }
  | {
      readonly kind: 'create logical slot'
      readonly slot: string
      readonly plugin: string
      /** `use`: the transaction that was begun reads as of where the slot begins. */
      readonly snapshot: 'nothing' | 'use'
      /** The whole command, as it is shown. */
      readonly command: string
    }
  | { readonly kind: 'drop slot'; readonly slot: string }
  | {
      readonly kind: 'start logical replication'
      readonly slot: string
      readonly start: number
      /** Of pgoutput, as a subscriber asks for it. */
      readonly publications?: readonly string[]
      /** Of an output plugin that prints text; a name may have no value. */
      readonly options?: ReadonlyMap<string, string | undefined>
      /** The whole command, as it is shown. */
      readonly command: string
    }
  /** What a subscriber asks in SQL: of these publications those that there are, and their tables. */
  | { readonly kind: 'published tables'; readonly publications: readonly string[] }
  /** BEGIN READ ONLY ISOLATION LEVEL REPEATABLE READ, COMMIT: around a copy. */
  | { readonly kind: 'begin snapshot' }
  | { readonly kind: 'end snapshot' }
  /** COPY … TO STDOUT. */
  | { readonly kind: 'copy table'; readonly schema: string; readonly table: string }

/** The last transaction of a query string that committed with an xid: an observation for the ledger of commits. */
export interface Committed {
  readonly xid: number
  readonly lsn: number
  readonly asynchronous: boolean
}

export type BackendMessage = Message &
  (
    | {
        readonly kind: 'authenticated'
        readonly pid: number
        readonly key: number
        readonly parameters: {
          readonly in_hot_standby: 'on' | 'off'
          readonly default_transaction_read_only: 'on' | 'off'
          readonly server_version: string
          readonly application_name: string
        }
      }
    | {
        readonly kind: 'rows'
        readonly columns: readonly { readonly name: string; readonly type: string }[]
        readonly rows: readonly (readonly (string | null)[])[]
      }
    | { readonly kind: 'command complete'; readonly tag: string }
    | ({
        readonly kind: 'error' | 'notice'
        readonly level: string
        readonly sqlstate: string
        readonly message: string
        /** Sent by who could not make a process that speaks the protocol: the text is all there is. */
        readonly isBare?: true
      } & Omit<ErrorFields, 'detailLog'>)
    /** Of a channel that the session listens to; may come at any time outside of a transaction. */
    | { readonly kind: 'notification'; readonly channel: string; readonly payload: string; readonly pid: number }
    | { readonly kind: 'ready'; readonly status: 'I' | 'T' | 'E'; readonly committed?: Committed }
    | ReplicationBackendMessage
  )

type ReplicationBackendMessage =
  | {
      readonly kind: 'system identified'
      readonly systemIdentifier: string
      readonly timeline: number
      readonly flushed: number
    }
  | { readonly kind: 'timeline history content'; readonly timeline: number; readonly content: string }
  | { readonly kind: 'copy both' }
  | {
      readonly kind: 'wal data'
      readonly start: number
      readonly end: number
      readonly bytes: Uint8Array
      readonly sentAt: number
    }
  | { readonly kind: 'keepalive'; readonly end: number; readonly replyRequested: boolean; readonly sentAt: number }
  | { readonly kind: 'slot created'; readonly slot: string; readonly consistentPoint: number }
  | {
      readonly kind: 'published tables'
      readonly publications: readonly string[]
      readonly tables: readonly PublishedTable[]
    }
  | { readonly kind: 'copied rows'; readonly columns: readonly string[]; readonly rows: readonly LogicalRow[] }
  /** Of logical replication: `start` and `end` are where what it is of stands in the WAL. */
  | {
      readonly kind: 'logical change'
      readonly start: number
      readonly end: number
      readonly sentAt: number
      readonly change: LogicalChange
    }
  /** The same of an output plugin that prints text. */
  | {
      readonly kind: 'logical text'
      readonly start: number
      readonly end: number
      readonly sentAt: number
      readonly data: string
    }
  /** The timeline that was asked for ends here; the next one, if there is one. */
  | { readonly kind: 'copy done'; readonly nextTimeline?: number; readonly switchPoint?: number }

export interface PublishedTable {
  readonly schema: string
  readonly table: string
}

/** Values as texts. */
export type LogicalRow = readonly (string | null)[]

/** A message of pgoutput. Relations are named by their oids on the publisher. */
export type LogicalChange =
  | { readonly kind: 'begin'; readonly finalLsn: number; readonly committedAt: number; readonly xid: number }
  | { readonly kind: 'commit'; readonly commitLsn: number; readonly endLsn: number; readonly committedAt: number }
  | {
      readonly kind: 'relation'
      readonly relation: number
      readonly schema: string
      readonly table: string
      readonly identity: 'd' | 'f' | 'i' | 'n'
      readonly columns: readonly { readonly name: string; readonly isKey: boolean }[]
    }
  | { readonly kind: 'insert'; readonly relation: number; readonly next: LogicalRow }
  | {
      readonly kind: 'update'
      readonly relation: number
      /** What named the row before, if that has changed or is the whole row. */
      readonly old: LogicalRow | undefined
      readonly next: LogicalRow
    }
  | { readonly kind: 'delete'; readonly relation: number; readonly old: LogicalRow }
  | { readonly kind: 'truncate'; readonly relations: readonly number[]; readonly restartsSequences: boolean }

/** A rough size for messages whose bytes are not laid out. */
export function textSize(...texts: readonly (string | null | undefined)[]): number {
  let size = 5
  for (const text of texts) size += (text?.length ?? 0) + 1
  return size
}
