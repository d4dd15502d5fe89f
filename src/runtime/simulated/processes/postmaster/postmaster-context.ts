// What the parts of the postmaster share.

import type { Process } from '../../machine/process.ts'
import type { Server } from '../../server.ts'
import type { Children } from './children.ts'
import type { PostmasterState } from './state.ts'

export interface Postmaster {
  readonly me: Process
  readonly server: Server
  readonly state: PostmasterState
  readonly children: Children
  /** Ends the postmaster, and with it the node. */
  exit(code: number, reason: string): never
  tellAccepting(writable: boolean, cause?: number): void
  tellRefusing(reason: string): void
}
