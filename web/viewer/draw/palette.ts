// The colours of the canvas, for light and dark. Okabe and Ito's, which people who see red and green alike can tell apart;
// what matters has a pattern or a shape besides.

import type { ArrowKind } from '../model/arrows.ts'
import type { Moment } from '../model/moments.ts'
import type { State } from '../model/states.ts'
import type { Theme } from '../view.ts'

export interface Palette {
  readonly paper: string
  readonly stripe: string
  readonly header: string
  readonly ink: string
  readonly faint: string
  readonly rule: string
  readonly playhead: string
  readonly error: string
  readonly warning: string
  readonly commit: string
  readonly cause: string
  readonly checkpoint: string
  readonly vacuum: string
  readonly states: Readonly<Record<State, string>>
  /** Text on a state's colour. */
  readonly onStates: Readonly<Record<State, string>>
  readonly arrows: Readonly<Record<ArrowKind, string>>
  readonly moments: Readonly<Record<Moment['kind'], string>>
}

const light: Palette = {
  paper: '#ffffff',
  stripe: '#f6f7f9',
  header: '#e9edf2',
  ink: '#1c232b',
  faint: '#5f6b78',
  rule: '#d5dbe2',
  playhead: '#1c232b',
  error: '#b3261e',
  warning: '#a35200',
  commit: '#00795a',
  cause: '#7a2e8e',
  checkpoint: 'rgba(0, 158, 115, 0.13)',
  vacuum: 'rgba(204, 121, 167, 0.2)',
  states: {
    absent: '#ffffff',
    idle: '#cfe0ee',
    transaction: '#f5d78e',
    running: '#0072b2',
    lock: '#d55e00',
    waiting: '#b98bc9',
    stopped: '#8b949e',
  },
  onStates: {
    absent: '#5f6b78',
    idle: '#1c3a52',
    transaction: '#4a3500',
    running: '#ffffff',
    lock: '#ffffff',
    waiting: '#2b0b38',
    stopped: '#ffffff',
  },
  arrows: { fork: '#00795a', signal: '#c4480a', client: '#5f6b78', wal: '#5a4fcf', lock: '#d55e00' },
  moments: { fault: '#b3261e', undone: '#00795a', order: '#0072b2', note: '#6b5500', failed: '#b3261e' },
}

const dark: Palette = {
  paper: '#12171d',
  stripe: '#171d24',
  header: '#212a34',
  ink: '#e8edf2',
  faint: '#9aa7b4',
  rule: '#2c3743',
  playhead: '#ffffff',
  error: '#ff8a7a',
  warning: '#ffb454',
  commit: '#3ecfa0',
  cause: '#e2a6f5',
  checkpoint: 'rgba(62, 207, 160, 0.13)',
  vacuum: 'rgba(226, 140, 190, 0.2)',
  states: {
    absent: '#12171d',
    idle: '#2b4357',
    transaction: '#8a6a14',
    running: '#56b4e9',
    lock: '#ff8533',
    waiting: '#9d6db3',
    stopped: '#5b6570',
  },
  onStates: {
    absent: '#9aa7b4',
    idle: '#d3e4f2',
    transaction: '#fff3cf',
    running: '#05202f',
    lock: '#2b0f00',
    waiting: '#ffffff',
    stopped: '#ffffff',
  },
  arrows: { fork: '#3ecfa0', signal: '#ff9e5e', client: '#9aa7b4', wal: '#a8a0ff', lock: '#ff8533' },
  moments: { fault: '#ff8a7a', undone: '#3ecfa0', order: '#7cc7f2', note: '#ffd866', failed: '#ff8a7a' },
}

export const palettes: Readonly<Record<Theme, Palette>> = { light, dark }
