import { beforeEach, describe, expect, test } from 'vitest'
import { second } from '../../../../src/model/units.ts'
import { Kernel } from '../../../../src/runtime/simulated/kernel/kernel.ts'
import type { Coroutine } from '../../../../src/runtime/simulated/kernel/task.ts'
import { FileError } from '../../../../src/runtime/simulated/machine/file-error.ts'
import { Host } from '../../../../src/runtime/simulated/machine/host.ts'
import type { Process } from '../../../../src/runtime/simulated/machine/process.ts'
import { diskProfiles } from '../../../../src/runtime/simulated/machine/profile.ts'
import { Volume } from '../../../../src/runtime/simulated/machine/volume.ts'
import { Trace } from '../../../../src/runtime/trace.ts'

let kernel: Kernel
let host: Host

beforeEach(() => {
  kernel = new Kernel(1)
  const trace = new Trace(
    () => kernel.now,
    [],
    () => {},
  )
  host = new Host(kernel, trace, 'host', { cpus: 4, firstPid: 100 })
})

function volumeOf(profile = diskProfiles.nvme, size?: number): Volume {
  const volume = new Volume(kernel, profile, size)
  volume.create('f')
  return volume
}

function page(value: number): Uint8Array {
  return new Uint8Array(8192).fill(value)
}

function play(main: (me: Process) => Coroutine, until = second): void {
  host.fork('test', main)
  kernel.run(until)
}

function* attempt(call: Coroutine): Coroutine<FileError | undefined> {
  try {
    yield* call
    return undefined
  } catch (error) {
    if (error instanceof FileError) return error
    throw error
  }
}

describe('what nobody flushes', () => {
  test('the kernel writes back when it is half a minute old, and not before', () => {
    const volume = volumeOf()
    volume.create('young')
    play(function* (me) {
      volume.write(me, 'f', 0, page(1))
      yield* me.sleep(20 * second, 'Test')
      volume.write(me, 'young', 0, page(2))
    }, 38 * second)
    volume.losePageCache('power')
    expect(volume.peek('f')).toEqual(page(1))
    expect(volume.sizeOf('young')).toBe(0)
  })

  test('is written back with what was changed since, because a file is written as a whole', () => {
    const volume = volumeOf()
    play(function* (me) {
      volume.write(me, 'f', 0, page(1))
      yield* me.sleep(28 * second, 'Test')
      volume.write(me, 'f', 8192, page(2))
    }, 38 * second)
    volume.losePageCache('power')
    expect(volume.sizeOf('f')).toBe(2 * 8192)
    expect(volume.peek('f').subarray(8192)).toEqual(page(2))
  })
})

describe('a failing fsync', () => {
  test('fails once: the next succeeds, and the bytes are not on the platter', () => {
    const volume = volumeOf()
    const outcomes: unknown[] = []
    play(function* (me) {
      volume.write(me, 'f', 0, page(1))
      yield* volume.fsync(me, 'f', 'Test')
      volume.write(me, 'f', 0, page(2))
      volume.failing.add('fsync')
      outcomes.push((yield* attempt(volume.fsync(me, 'f', 'Test')))?.code)
      volume.failing.delete('fsync')
      outcomes.push(yield* attempt(volume.fsync(me, 'f', 'Test')))
    })
    expect(outcomes).toEqual(['EIO', undefined])
    expect(volume.peek('f')).toEqual(page(2))
    volume.losePageCache('system')
    expect(volume.peek('f')).toEqual(page(1))
  })

  test('fails only where there is something to move', () => {
    const volume = volumeOf()
    const outcomes: unknown[] = []
    play(function* (me) {
      volume.failing.add('fsync')
      outcomes.push(yield* attempt(volume.fsync(me, 'f', 'Test')))
    })
    expect(outcomes).toEqual([undefined])
  })
})

describe('a volume with a size', () => {
  test('counts whole blocks, and what fills it', () => {
    const volume = volumeOf(diskProfiles.nvme, 40_960)
    const told: number[] = []
    volume.whenUsed = () => told.push(volume.used)
    play(function* (me) {
      volume.write(me, 'f', 0, new Uint8Array(100))
      volume.write(me, 'f', 100, new Uint8Array(100))
      volume.fill(20_480)
      yield* me.pause()
    })
    expect(told).toEqual([4096, 24_576])
    expect(volume.usedByFiles).toBe(4096)
    volume.remove('f')
    expect(volume.used).toBe(20_480)
  })

  test('takes of a write what it has room for', () => {
    const volume = volumeOf(diskProfiles.nvme, 12_288)
    let failure: unknown
    play(function* (me) {
      volume.write(me, 'f', 0, page(1))
      try {
        volume.write(me, 'f', 8192, page(2))
      } catch (error) {
        failure = error
      }
      yield* me.pause()
    })
    expect(failure).toMatchObject({ code: 'ENOSPC', written: 4096, message: 'No space left on device' })
    expect(volume.sizeOf('f')).toBe(12_288)
    expect(volume.used).toBe(12_288)
  })
})

describe('a disk', () => {
  function ends(profile: (typeof diskProfiles)[string]): number[] {
    const volume = volumeOf(profile)
    const at: number[] = []
    for (const name of ['a', 'b', 'c']) volume.create(name)
    for (const name of ['a', 'b', 'c']) {
      host.fork('writer', function* (me) {
        volume.write(me, name, 0, page(1))
        yield* volume.fsync(me, name, 'Test')
        at.push(Math.round((me.now() * 100) / profile.fsyncLatency) / 100)
      })
    }
    kernel.run(second)
    return at
  }

  test('with a queue flushes for several at once', () => {
    expect(ends({ ...diskProfiles.nvme, bandwidth: 1e12 })).toEqual([1.01, 1.01, 1.01])
  })

  test('without one flushes one after the other', () => {
    expect(ends({ ...diskProfiles.hdd, bandwidth: 1e12 })).toEqual([1, 2, 3])
  })

  test('that gets slower is slow from then on, until it is as it was made', () => {
    const volume = volumeOf()
    const took: number[] = []
    play(function* (me) {
      for (const change of [{ fsyncLatency: 50_000_000 }, {}]) {
        volume.disk.change(change)
        volume.write(me, 'f', 0, page(1))
        const began = me.now()
        yield* volume.fsync(me, 'f', 'Test')
        took.push(Math.round((me.now() - began) / 100_000) / 10)
      }
    })
    expect(took).toEqual([50, 0.4])
  })
})

test('bit rot is read from the platter, and survives a power cut', () => {
  const volume = volumeOf()
  play(function* (me) {
    volume.write(me, 'f', 0, page(1))
    yield* me.pause()
  })
  volume.damage('f', 0, 8192, bytes => {
    bytes[4096] = 7
  })
  expect(volume.peek('f')[4096]).toBe(7)
  volume.losePageCache('power')
  expect(volume.peek('f')[4096]).toBe(7)
  expect(volume.peek('f')[0]).toBe(1)
})

test('what several read is the same bytes until the file changes, and costs each the same', () => {
  const volume = volumeOf()
  const changes: ((me: Process) => void)[] = [
    me => volume.write(me, 'f', 100, Uint8Array.of(2)),
    () => volume.damage('f', 8, 1, bytes => bytes.fill(3)),
    () => volume.resize('f', 4096),
    () => volume.losePageCache('system'),
  ]
  play(function* (me) {
    volume.write(me, 'f', 0, page(1))
    yield* volume.fsync(me, 'f', 'DataFileSync')
    for (const change of changes) {
      const read = (offset = 8) => volume.tryReadShared(me, 'f', offset, 8)!
      const before = me.cpuTime
      const first = read()
      const cost = me.cpuTime - before
      expect(read()).toBe(first)
      expect(me.cpuTime - before).toBe(2 * cost)
      expect(read(16)).not.toBe(first)
      const last = read()
      change(me)
      volume.tryRead(me, 'f', 0, new Uint8Array(8)) ?? (yield* volume.read(me, 'f', 0, page(0), 'DataFileRead'))
      expect(read()).not.toBe(last)
      expect(read()).toEqual(volume.peek('f').slice(8, 16))
      yield* me.pause()
    }
  })
})

describe('a log, of which a flush takes what was written since the last one', () => {
  test('keeps what was flushed, whatever was written after it', () => {
    const volume = volumeOf()
    const piece = 3000
    play(function* (me) {
      for (let count = 1; count <= 6; count++) {
        volume.write(me, 'f', (count - 1) * piece, new Uint8Array(piece).fill(count))
        if (count < 6) yield* volume.fsync(me, 'f', 'Test')
      }
      // Back to a chunk that it had left.
      volume.write(me, 'f', 100, new Uint8Array([77]))
      expect(volume.peek('f')[100]).toBe(77)
      expect(volume.peek('f')[5 * piece]).toBe(6)
    })
    volume.losePageCache('power')
    const expected = new Uint8Array(5 * piece).map((_, at) => 1 + Math.floor(at / piece))
    expect(volume.peek('f').subarray(0, 5 * piece)).toEqual(expected)
    expect(volume.sizeOf('f')).toBe(5 * piece)
  })
})
