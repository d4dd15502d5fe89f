import { describe, expect, test } from 'vitest'
import type { CheckPoint } from '../../../../src/runtime/simulated/wal/checkpoint-record.ts'
import {
  ControlFile,
  type ControlFileData,
  controlFilePath,
  encodeControlFile,
  readControlFile,
} from '../../../../src/runtime/simulated/wal/control-file.ts'
import { Machine, systemIdentifier } from './machine.ts'

const second = 1_000_000_000

const checkPoint: CheckPoint = {
  redo: 0x1500028,
  timeline: 1,
  previousTimeline: 1,
  fullPageWrites: true,
  walLevel: 'replica',
  nextXid: 0x1_0000_02db,
  nextOid: 16384,
  nextMulti: 1,
  nextMultiOffset: 0,
  oldestXid: 716,
  oldestXidDatabase: 1,
  oldestMulti: 1,
  oldestMultiDatabase: 1,
  time: -5 * second,
  oldestActiveXid: 731,
}

const content: ControlFileData = {
  systemIdentifier,
  state: 'in production',
  time: 7 * second,
  checkPoint: 0x1500060,
  checkPointCopy: checkPoint,
  minRecoveryPoint: 0x1_2345_6788,
  minRecoveryPointTimeline: 3,
  backupStartPoint: 0x2000028,
  backupEndPoint: 0,
  backupEndRequired: true,
  maxConnections: 100,
  maxWorkerProcesses: 8,
  maxWalSenders: 10,
  maxPreparedTransactions: 0,
  maxLocksPerTransaction: 64,
  walLevel: 'minimal',
  walLogHints: true,
}

describe('pg_control', () => {
  test('is read as it was written, in every version', () => {
    for (const version of [15, 16, 17, 18] as const) {
      const machine = new Machine({ version })
      machine.environment.data.install(controlFilePath, encodeControlFile(version, content))
      // Before 17 the checkpoint does not tell of the level.
      const copy = version < 17 ? { ...checkPoint, walLevel: 'minimal' } : checkPoint
      expect(machine.run(me => readControlFile(me, machine.environment))).toEqual({ ...content, checkPointCopy: copy })
    }
  })

  test('has its fields where pg_controldata looks for them', () => {
    const view = new DataView(encodeControlFile(15, content).buffer)
    expect(view.byteLength).toBe(8192)
    expect(view.getUint32(8, true)).toBe(1300)
    expect(view.getUint32(16, true)).toBe(6)
    expect(view.getBigInt64(24, true)).toBe(1_735_689_607n)
    expect(view.getBigUint64(32, true)).toBe(0x1500060n)
    expect(view.getBigUint64(40 + 24, true)).toBe(0x1_0000_02dbn)
    expect(view.getUint32(228, true)).toBe(16 * 1024 * 1024)
  })

  test('a change is on the platter when it returns, and the power can not tear it', () => {
    const machine = new Machine()
    machine.environment.data.install(controlFilePath, encodeControlFile(15, content))
    machine.run(function* (me) {
      const file = new ControlFile(machine.environment, yield* readControlFile(me, machine.environment))
      yield* file.update(me, { state: 'shutting down' })
    })
    machine.start(function* (me) {
      const file = new ControlFile(machine.environment, yield* readControlFile(me, machine.environment))
      yield* file.update(me, { state: 'shut down' })
    })
    machine.kernel.run(machine.kernel.now + 100_000)
    machine.powerCut()
    const { state } = machine.run(me => readControlFile(me, machine.environment))
    expect(['shutting down', 'shut down']).toContain(state)
  })

  test('a missing or damaged one stops the server', () => {
    const machine = new Machine()
    const start = () => {
      machine.run(me => readControlFile(me, machine.environment))
    }
    expect(start).toThrow(
      expect.objectContaining({
        level: 'PANIC',
        message: 'could not open file "global/pg_control": No such file or directory',
      }),
    )
    const bytes = encodeControlFile(15, content)
    bytes[50] ^= 1
    machine.environment.data.install(controlFilePath, bytes)
    expect(start).toThrow(expect.objectContaining({ level: 'FATAL', message: 'incorrect checksum in control file' }))
  })
})
