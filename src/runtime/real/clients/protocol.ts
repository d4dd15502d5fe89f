// The messages of a PostgreSQL server as `pg` hands them over, as far as a client of simple queries gets them, and
// their translation into the words of the port.

import type { ServerMessage } from '../../engine.ts'

export interface Report {
  readonly message?: string
  readonly severity?: string
  readonly code?: string
  readonly detail?: string
  readonly hint?: string
  readonly position?: string
}

export type BackendMessage =
  | ({ readonly name: 'error' | 'notice' } & Report)
  | { readonly name: 'parameterStatus'; readonly parameterName: string; readonly parameterValue: string }
  | { readonly name: 'backendKeyData'; readonly processID: number }
  | { readonly name: 'readyForQuery'; readonly status: 'I' | 'T' | 'E' }
  | { readonly name: 'rowDescription'; readonly fields: readonly { readonly name: string }[] }
  | { readonly name: 'dataRow'; readonly fields: readonly (string | null)[] }
  | { readonly name: 'commandComplete'; readonly text: string }
  | { readonly name: 'copyInResponse' }
  | {
      readonly name: 'notification'
      readonly processId: number
      readonly channel: string
      readonly payload: string
    }
  /** Of no interest here. */
  | { readonly name: 'authenticationOk' | 'emptyQuery' | 'copyOutResponse' | 'copyData' | 'copyDone' }

export function serverMessage({
  message = '',
  severity = 'ERROR',
  code,
  detail,
  hint,
  position,
}: Report): ServerMessage {
  return {
    level: severity,
    ...(code === undefined ? {} : { sqlstate: code }),
    message,
    ...(detail === undefined ? {} : { detail }),
    ...(hint === undefined ? {} : { hint }),
    ...(position === undefined ? {} : { position: Number(position) }),
  }
}
