// SET and SHOW of a session, and those settings that are not its own: they belong to its transaction, or the server
// works them out.

import type { SettingRefusal } from '../settings/setting-refusal.ts'
import { fail } from '../shared/error.ts'
import type { IsolationLevel } from '../transactions/running-transaction.ts'
import type { SessionContext } from './context.ts'

/** What SHOW prints; undefined if there is no such setting. */
export function findSetting({ settings, transaction, server }: SessionContext, name: string): string | undefined {
  switch (name.toLowerCase()) {
    case 'transaction_isolation':
      return transaction.isolation
    case 'transaction_read_only':
      return transaction.readOnly ? 'on' : 'off'
    case 'transaction_deferrable':
      return transaction.deferrable ? 'on' : 'off'
    case 'in_hot_standby':
      return server.recovery.inRecovery ? 'on' : 'off'
    case 'archive_command':
      return settings.show('archive_mode') === 'off' ? '(disabled)' : settings.show(name)
  }
  return settings.show(name)
}

export function showSetting(context: SessionContext, name: string): string {
  return findSetting(context, name) ?? fail('42704', `unrecognized configuration parameter "${name}"`)
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
  if (refusal) failWith(refusal)
}

export function failWith({ sqlstate, message, detail, hint }: SettingRefusal): never {
  return fail(sqlstate, message, { detail, hint })
}
