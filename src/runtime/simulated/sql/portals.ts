// The cursors of a session, by name. Mirrors portalmem.c and portalcmds.c. A cursor ends with the transaction that
// declared it, or with its subtransaction's rollback. WITH HOLD, which outlives it, is refused where it is declared.

import type { Value } from '../catalog/types/type.ts'
import { fail } from '../shared/error.ts'
import type { CompiledStatement } from './compiled-statement.ts'
import type { SessionContext } from './context.ts'
import { Portal } from './portal.ts'

export class Portals {
  private readonly session: SessionContext
  private readonly portals = new Map<string, Portal>()

  constructor(session: SessionContext) {
    this.session = session
    session.proc.holdsPin = buffer => this.holdsPin(buffer)
    const portals = this
    session.transaction.listeners.push({
      *preCommit() {
        portals.closeAll()
      },
      ended: () => this.closeAll(),
      subtransactionEnded: (committed, depth) => this.subtransactionEnded(committed, depth),
    })
  }

  /** DECLARE: the query has been looked at, nothing of it runs yet. */
  declare(name: string, statement: CompiledStatement, parameters: readonly Value[]): void {
    const { transaction } = this.session
    if (name === '') fail('34000', 'invalid cursor name: must not be empty')
    if (!transaction.isInBlock) fail('25P01', 'DECLARE CURSOR can only be used in transaction blocks')
    if (this.portals.has(name)) fail('42P03', `cursor "${name}" already exists`)
    this.portals.set(name, new Portal(this.session, name, statement, parameters))
  }

  get(name: string): Portal {
    return this.portals.get(name) ?? fail('34000', `cursor "${name}" does not exist`)
  }

  close(name: string): void {
    this.get(name).close()
    this.portals.delete(name)
  }

  closeAll(): void {
    if (this.portals.size === 0) return
    for (const portal of this.portals.values()) portal.close()
    this.portals.clear()
  }

  /** AtSubCommit_Portals and AtSubAbort_Portals. */
  private subtransactionEnded(committed: boolean, depth: number): void {
    for (const portal of [...this.portals.values()]) {
      if (portal.depth >= depth && committed) portal.depth = depth - 1
      else if (portal.depth >= depth) this.close(portal.name)
      else if (!committed) portal.failIfRunning()
    }
  }

  private holdsPin(buffer: number): boolean {
    for (const portal of this.portals.values()) if (portal.pins.has(buffer)) return true
    return false
  }
}
