// `optional = on`: a check may find nothing to look at.

import type { Statement } from '../model/scenario.ts'

export function isOptional({ settings }: Statement): boolean {
  const value = settings.find(({ name }) => name === 'optional')?.values[0]
  return value?.type === 'boolean' && value.boolean
}
