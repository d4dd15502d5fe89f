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
        readonly replication?: 'physical'
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
  /** The timeline that was asked for ends here; the next one, if there is one. */
  | { readonly kind: 'copy done'; readonly nextTimeline?: number; readonly switchPoint?: number }

/** A rough size for messages whose bytes are not laid out. */
export function textSize(...texts: readonly (string | null | undefined)[]): number {
  let size = 5
  for (const text of texts) size += (text?.length ?? 0) + 1
  return size
}
