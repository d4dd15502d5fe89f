// Which function a call means, or why there is none: the errors of ParseFuncOrColumn.

import type { Callable } from '../../catalog/callable.ts'
import type { Type } from '../../catalog/types/type.ts'
import type { Expression } from '../expressions/expression.ts'
import { isKnownFunction } from '../functions/known-functions.ts'
import { failAt } from '../source.ts'
import { resolve } from './resolve.ts'

export function resolveFunction<C extends Callable>(
  functions: readonly C[],
  name: string,
  values: readonly Expression[],
  location: number,
): { found: C; parameters: readonly Type[] } {
  const types = values.map(each => each.type)
  const resolution = resolve(functions, types)
  if ('found' in resolution) return resolution
  const shown = `${name}(${types.map(type => type.displayName).join(', ')})`
  if (resolution.failure === 'ambiguous') {
    return failAt(location, '42725', `function ${shown} is not unique`, {
      hint: 'Could not choose a best candidate function. You might need to add explicit type casts.',
    })
  }
  if (functions.length === 0 && isKnownFunction(name)) failAt(location, '0A000', `function ${name} is not played yet`)
  return failAt(location, '42883', `function ${shown} does not exist`, {
    hint: 'No function matches the given name and argument types. You might need to add explicit type casts.',
  })
}
