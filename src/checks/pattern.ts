// Regular expressions of `~` and its kin. They run on RE2's algorithm, in time linear to the text: a scenario from a
// stranger cannot hang the run. Back references and lookaround are refused. Why: docs/decisions/0001-patterns.md.

import { RE2JS, RE2JSException } from 're2js'

export type Pattern = (text: string) => boolean

/** Gives the matcher, or says what is wrong with the pattern. As in PostgreSQL the pattern may match anywhere. */
export function compilePattern(source: string, ignoreCase: boolean): Pattern | { readonly problem: string } {
  if (!ignoreCase && !/[\\^$.|?*+()[\]{}]/.test(source)) return text => text.includes(source)
  try {
    const pattern = RE2JS.compile(source, RE2JS.DOTALL | (ignoreCase ? RE2JS.CASE_INSENSITIVE : 0))
    return text => pattern.test(text)
  } catch (error) {
    if (!(error instanceof RE2JSException)) throw error
    // Its message quotes the pattern with the flags that were added here.
    return { problem: error.message.replace('error parsing regexp: ', '').replace(/\(\?[is]+\)/, '') }
  }
}
