// SET and SHOW of a session, and those settings that belong to its transaction.

import { fail } from '../shared/error.ts'
import type { IsolationLevel } from '../transactions/running-transaction.ts'
import type { SessionContext } from './context.ts'

export function showSetting({ settings, transaction }: SessionContext, name: string): string {
  switch (name.toLowerCase()) {
    case 'transaction_isolation':
      return transaction.isolation
    case 'transaction_read_only':
      return transaction.readOnly ? 'on' : 'off'
    case 'transaction_deferrable':
      return transaction.deferrable ? 'on' : 'off'
  }
  return settings.show(name) ?? fail('42704', `unrecognized configuration parameter "${name}"`)
}

/** `text` undefined: back to the default. */
export function assignSetting(
  { settings, transaction }: SessionContext,
  name: string,
  text: string | undefined,
  isLocal: boolean,
): void {
  switch (name.toLowerCase()) {
    case 'transaction_isolation':
      return transaction.setCharacteristics({ isolation: text as IsolationLevel })
    case 'transaction_read_only':
      return transaction.setCharacteristics({ readOnly: text === 'on' || text === 'true' || text === '1' })
    case 'transaction_deferrable':
      return transaction.setCharacteristics({ deferrable: text === 'on' || text === 'true' || text === '1' })
  }
  const refusal = settings.set(name, text, transaction.depth, isLocal)
  if (refusal) fail(refusal.sqlstate, refusal.message, refusal.hint ? { hint: refusal.hint } : {})
}
