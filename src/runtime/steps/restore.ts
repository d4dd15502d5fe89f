// `restore`: makes a server from a base backup and the archive, and is done when its recovery has ended: when it takes
// writes, or as recovery_target_action says.

import type { ActionKind } from '../action.ts'
import { type Action, ask, type RequestOf } from '../engine.ts'
import type { Stage } from '../stage.ts'
import { isSwitchedOff, parameter, postgresSettings, setting, textOf } from '../statement.ts'
import { reaches } from './patience.ts'

const ownSettings = new Set(['backup_label', 'signal', 'recovery_target_time'])

export const restore: ActionKind = {
  word: 'restore',
  *strike(statement, stage, tell) {
    const node = textOf(statement.about[0])!
    const archive = textOf(parameter(statement, 'from'))!
    const all = Object.entries(postgresSettings(statement))
    const what = all.map(([name, value]) => `${name} = ${value}`).join(', ')
    const cause = tell.order(`restore ${node} from ${archive}${what === '' ? '' : ` with ${what}`}`, node)
    const moment = setting(statement, 'recovery_target_time')
    const targetTime = moment?.type === 'moment' ? stage.timeOf(moment.moment) : undefined
    if (moment && targetTime === undefined) return { missed: 'its target time is not known yet' }
    const request: RequestOf<'restore'> = {
      kind: 'restore',
      node,
      archive,
      settings: Object.fromEntries(all.filter(([name]) => !ownSettings.has(name))),
      ...(targetTime === undefined ? {} : { targetTime }),
      keepsLabel: !isSwitchedOff(statement, 'backup_label'),
      signal: (textOf(setting(statement, 'signal')) ?? 'recovery') as RequestOf<'restore'>['signal'],
      cause,
    }
    return { rest: make(request, stage) }
  },
}

function* make(request: RequestOf<'restore'>, stage: Stage): Action<boolean | string> {
  const { node, settings, targetTime, signal } = request
  const { refused } = yield* ask(request)
  if (refused !== undefined) return refused
  if (signal === 'standby') return yield* reaches(node, 'accepting', stage)
  const hasTarget = targetTime !== undefined || Object.keys(settings).some(name => targets.has(name))
  const action = signal === 'recovery' && hasTarget ? (settings.recovery_target_action ?? 'pause') : 'promote'
  if (action === 'pause') return yield* reaches(node, 'paused', stage)
  if (action === 'promote') return yield* reaches(node, 'writable', stage)
  return (yield* reaches(node, 'accepting', stage)) && (yield* reaches(node, 'down', stage))
}

const targets = new Set(['recovery_target', 'recovery_target_name', 'recovery_target_xid', 'recovery_target_lsn'])
