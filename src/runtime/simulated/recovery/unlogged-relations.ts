// Unlogged relations have no WAL, so that after a crash nobody knows what is in their files: all forks but the init fork
// go before redo, and its copies take their place when recovery ends. A standby therefore has nothing but init forks.
// Mirrors reinit.c.

import type { Coroutine } from '../kernel/task.ts'
import type { Process } from '../machine/process.ts'
import type { Volume } from '../machine/volume.ts'
import type { ServerEnvironment } from '../shared/environment.ts'
import { dataSyncLevel, fileAccessError } from '../shared/file-access.ts'

const initSuffix = '_init'

function unloggedPaths(data: Volume): string[] {
  return ['base/', 'pg_tblspc/']
    .flatMap(prefix => data.list(prefix))
    .filter(path => path.endsWith(initSuffix))
    .map(path => path.slice(0, -initSuffix.length))
}

/** Paths of what a crash empties: what no base backup needs to hold. */
export function unloggedForks(data: Volume): string[] {
  return unloggedPaths(data)
    .flatMap(path => [path, `${path}_fsm`, `${path}_vm`])
    .filter(path => data.exists(path))
}

/** Before redo. */
export function removeUnlogged(data: Volume): void {
  for (const path of unloggedForks(data)) data.remove(path)
}

/** After redo: each is as empty as it was made. */
export function* initializeUnlogged(me: Process, { data, settings }: ServerEnvironment): Coroutine {
  const paths = unloggedPaths(data)
  for (const path of paths) {
    const content = new Uint8Array(data.sizeOf(`${path}${initSuffix}`)!)
    yield* data.read(me, `${path}${initSuffix}`, 0, content, 'CopyFileRead')
    data.create(path)
    try {
      data.write(me, path, 0, content)
    } catch (error) {
      throw fileAccessError(error, 'ERROR', `could not write to file "${path}"`)
    }
  }
  if (!settings.get('fsync')) return
  for (const path of paths) {
    try {
      yield* data.fsync(me, path, 'CopyFileWrite')
    } catch (error) {
      throw fileAccessError(error, dataSyncLevel(settings), `could not fsync file "${path}"`)
    }
  }
}
