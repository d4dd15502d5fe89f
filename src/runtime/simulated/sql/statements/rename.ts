// ALTER … RENAME TO, by the kind of what gets the new name.

import type { RenameStmt } from '@pgsql/types'
import type { Coroutine } from '../../kernel/task.ts'
import { fail } from '../../shared/error.ts'
import type { Session } from '../session.ts'
import { renameDatabase } from './alter-database.ts'
import { renameTablespace } from './tablespaces.ts'

export function* rename(session: Session, tree: RenameStmt): Coroutine<string> {
  if (tree.renameType === 'OBJECT_TABLESPACE') return yield* renameTablespace(session, tree)
  if (tree.renameType === 'OBJECT_DATABASE') return yield* renameDatabase(session, tree)
  return fail('0A000', 'renaming this kind of object is not played yet')
}
