// What a call of the operating system on a file fails with.

const descriptions = { ENOSPC: 'No space left on device', EIO: 'Input/output error' } as const

export type FileErrorCode = keyof typeof descriptions

export class FileError extends Error {
  readonly code: FileErrorCode
  /** How many bytes were written nevertheless. */
  readonly written: number

  constructor(code: FileErrorCode, written = 0) {
    super(descriptions[code])
    this.code = code
    this.written = written
  }
}
