// `fail`: calls of the operating system, or commands, that fail from now on.

import type { Statement } from '../../model/scenario.ts'
import type { ActionKind, Struck, Tell } from '../action.ts'
import type { Action } from '../engine.ts'
import type { Stage } from '../stage.ts'
import { textOf } from '../statement.ts'
import { failCall } from './fail-call.ts'
import { failCommand } from './fail-command.ts'

type Failure = (statement: Statement, stage: Stage, tell: Tell) => Action<Struck>

const failures: Readonly<Record<string, Failure>> = {
  archive_command: failCommand,
  restore_command: failCommand,
  fsync: failCall,
  write: failCall,
}

export const fail: ActionKind = {
  word: 'fail',
  strike: (statement, stage, tell) => failures[textOf(statement.about[0])!](statement, stage, tell),
}
