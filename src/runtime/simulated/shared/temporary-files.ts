// Where temporary files are, and who clears away those whose process cannot: a backend removes its own at the end of the
// statement or transaction; those of a crash are removed by the postmaster. Mirrors RemovePgTempFiles of fd.c.

import type { Volume } from '../machine/volume.ts'

const directory = 'base/pgsql_tmp'

/** The file that this process makes after `number` others. */
export function temporaryFilePath(pid: number, number: number): string {
  return `${directory}/pgsql_tmp${pid}.${number}`
}

/** Their paths. */
export function temporaryFiles(data: Volume): string[] {
  return data.list(`${directory}/`)
}

export function removeTemporaryFiles(data: Volume): void {
  for (const path of temporaryFiles(data)) data.remove(path)
}
