// The signals that processes know, with the words the operating system has for them.

export const signals = {
  HUP: { number: 1, description: 'Hangup' },
  INT: { number: 2, description: 'Interrupt' },
  QUIT: { number: 3, description: 'Quit' },
  ABRT: { number: 6, description: 'Aborted' },
  KILL: { number: 9, description: 'Killed' },
  USR1: { number: 10, description: 'User defined signal 1' },
  SEGV: { number: 11, description: 'Segmentation fault' },
  USR2: { number: 12, description: 'User defined signal 2' },
  TERM: { number: 15, description: 'Terminated' },
  CHLD: { number: 17, description: 'Child exited' },
  CONT: { number: 18, description: 'Continued' },
  STOP: { number: 19, description: 'Stopped (signal)' },
} as const

export type Signal = keyof typeof signals

/** What ends a process: it exited with a code, or a signal terminated it. */
export type ExitStatus = { readonly code: number } | { readonly signal: Signal }
