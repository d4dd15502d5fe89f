// The words that act, one file a kind. To add one, write its file, its definition in words/, and a line here.

import type { ActionKind } from './action.ts'
import { corrupt } from './faults/corrupt.ts'
import { crash } from './faults/crash.ts'
import { cut } from './faults/cut.ts'
import { degrade } from './faults/degrade.ts'
import { fail } from './faults/fail.ts'
import { fill } from './faults/fill.ts'
import { heal } from './faults/heal.ts'
import { kill } from './faults/kill.ts'
import { take } from './faults/take.ts'
import { ask } from './steps/ask.ts'
import { backup } from './steps/backup.ts'
import { follow } from './steps/follow.ts'
import { note } from './steps/note.ts'
import { play } from './steps/play.ts'
import { promote } from './steps/promote.ts'
import { receive } from './steps/receive.ts'
import { reload } from './steps/reload.ts'
import { resetwal } from './steps/resetwal.ts'
import { restart } from './steps/restart.ts'
import { restore } from './steps/restore.ts'
import { rewind } from './steps/rewind.ts'
import { run } from './steps/run.ts'
import { start } from './steps/start.ts'
import { stop } from './steps/stop.ts'

const kinds: readonly ActionKind[] = [
  kill,
  crash,
  cut,
  heal,
  degrade,
  fill,
  fail,
  take,
  corrupt,
  start,
  stop,
  restart,
  reload,
  promote,
  follow,
  backup,
  restore,
  rewind,
  resetwal,
  receive,
  run,
  play,
  note,
  ask,
]

/** The resolver refused every word that is not among these. */
export function actionOf(word: string): ActionKind {
  const kind = kinds.find(each => each.word === word)
  if (!kind) throw new Error(`no action is called ${word}`)
  return kind
}
