// The words that declare and act, one file a word. To add one, write its file and a line in the list.

import type { WordDefinition } from '../../model/vocabulary.ts'
import { archive } from './archive.ts'
import { ask } from './ask.ts'
import { backup } from './backup.ts'
import { client } from './client.ts'
import { corrupt } from './corrupt.ts'
import { crash } from './crash.ts'
import { cut } from './cut.ts'
import { degrade } from './degrade.ts'
import { drill } from './drill.ts'
import { ends } from './ends.ts'
import { fail } from './fail.ts'
import { fill } from './fill.ts'
import { follow } from './follow.ts'
import { heal } from './heal.ts'
import { host } from './host.ts'
import { kill } from './kill.ts'
import { link } from './link.ts'
import { manager } from './manager.ts'
import { node } from './node.ts'
import { note } from './note.ts'
import { permutation } from './permutation.ts'
import { play } from './play.ts'
import { postgres } from './postgres.ts'
import { promote } from './promote.ts'
import { receive } from './receive.ts'
import { reload } from './reload.ts'
import { resetwal } from './resetwal.ts'
import { restart } from './restart.ts'
import { restore } from './restore.ts'
import { rewind } from './rewind.ts'
import { run } from './run.ts'
import { seed } from './seed.ts'
import { session } from './session.ts'
import { sessionSetup } from './session-setup.ts'
import { setup } from './setup.ts'
import { slot } from './slot.ts'
import { standby } from './standby.ts'
import { start } from './start.ts'
import { step } from './step.ts'
import { stop } from './stop.ts'
import { summary } from './summary.ts'
import { take } from './take.ts'
import { teaches } from './teaches.ts'
import { teardown } from './teardown.ts'
import { vary } from './vary.ts'
import { volume } from './volume.ts'
import { workload } from './workload.ts'

/** In the order of the reference: header, topology, clients, actions, lessons. */
export const words: readonly WordDefinition[] = [
  drill,
  teaches,
  postgres,
  seed,
  ends,
  vary,
  host,
  node,
  standby,
  slot,
  volume,
  archive,
  link,
  setup,
  client,
  workload,
  session,
  sessionSetup,
  step,
  teardown,
  permutation,
  manager,
  run,
  play,
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
  rewind,
  resetwal,
  backup,
  restore,
  receive,
  note,
  summary,
  ask,
]
