// What the file of a utility statement gives: how it runs.

import type { Coroutine } from '../../kernel/task.ts'
import type { Session } from '../session.ts'

/** Gives the tag for the client. `template` is the text that the tree's places count in. */
// biome-ignore lint/suspicious/noExplicitAny: each statement has a tree of its own shape.
export type UtilityStatement = (session: Session, tree: any, template: string) => Coroutine<string>
