import { beforeEach, describe, expect, it } from 'vitest'
import type { TraceEvent } from '../../../../src/model/trace.ts'
import { second } from '../../../../src/model/units.ts'
import { Kernel } from '../../../../src/runtime/simulated/kernel/kernel.ts'
import { Host } from '../../../../src/runtime/simulated/machine/host.ts'
import { SharedSegment } from '../../../../src/runtime/simulated/machine/memory.ts'
import type { Process } from '../../../../src/runtime/simulated/machine/process.ts'
import { diskProfiles } from '../../../../src/runtime/simulated/machine/profile.ts'
import { Volume } from '../../../../src/runtime/simulated/machine/volume.ts'
import { Trace } from '../../../../src/runtime/trace.ts'

const chunk = 8192

let kernel: Kernel
let events: TraceEvent[]

function makeHost(chunks: number, overcommits = true): Host {
  const trace = new Trace(
    () => kernel.now,
    [],
    event => events.push(event),
  )
  return new Host(kernel, trace, 'small', {
    cpus: 2,
    firstPid: 100,
    memory: { size: chunks * chunk, overcommits },
  })
}

function makeVolume({ memory }: Host): Volume {
  return new Volume(kernel, diskProfiles.nvme, undefined, memory.pages)
}

/** A process that takes so much at this second, and lives on. */
function eater(host: Host, chunks: number, at: number): Process {
  return host.fork('eater', function* (me) {
    yield* me.sleep(at * second, 'Test')
    host.memory.take(me, chunks * chunk)
    yield* me.pause()
    yield* me.sleep(100 * second, 'Test')
  })
}

const killed = () => events.flatMap(event => (event.kind === 'memory.exhausted' ? [event.killed] : []))

beforeEach(() => {
  kernel = new Kernel(1)
  events = []
})

describe('the page cache gives way', () => {
  it('keeps what is read as long as there is memory, and the newest of it when there is not', () => {
    const host = makeHost(10)
    const volume = makeVolume(host)
    volume.installZeros('old', 0)
    volume.install('old', new Uint8Array(4 * chunk).fill(1))
    volume.install('new', new Uint8Array(4 * chunk).fill(2))
    expect(host.memory.pages!.bytes).toBe(8 * chunk)
    const process = eater(host, 6, 1)
    kernel.run(2 * second)
    expect(process.alive).toBe(true)
    expect(host.memory.pages!.bytes).toBe(4 * chunk)
    const target = new Uint8Array(4 * chunk)
    expect(volume.tryRead(process, 'old', 0, target)).toBeUndefined()
    expect(volume.tryRead(process, 'new', 0, target)).toBe(4 * chunk)
    expect(killed()).toEqual([])
  })

  it('reads what it gave up from the disk again, byte for byte', () => {
    const host = makeHost(6)
    const volume = makeVolume(host)
    volume.install('file', new Uint8Array(4 * chunk).fill(7))
    eater(host, 5, 1)
    let read: Uint8Array | undefined
    host.fork('reader', function* (me) {
      yield* me.sleep(2 * second, 'Test')
      const target = new Uint8Array(chunk)
      const begun = me.now()
      yield* volume.read(me, 'file', 0, target, 'DataFileRead')
      expect(me.now() - begun).toBeGreaterThan(diskProfiles.nvme.readLatency)
      read = target
    })
    kernel.run(3 * second)
    expect(read).toEqual(new Uint8Array(chunk).fill(7))
  })

  it('lets who wants memory wait while what is dirty is written, and loses nothing of it', () => {
    const host = makeHost(10)
    const volume = makeVolume(host)
    host.fork('writer', function* (me) {
      volume.create('file')
      volume.write(me, 'file', 0, new Uint8Array(chunk).fill(3))
      yield* me.pause()
    })
    const process = eater(host, 10, 1)
    kernel.run(2 * second)
    expect(process.alive).toBe(true)
    expect(volume.isDurable('file')).toBe(true)
    expect(volume.peek('file')).toEqual(new Uint8Array(chunk).fill(3))
  })

  it('makes who writes faster than the disk wait when a fifth of it is dirty', () => {
    const host = makeHost(100)
    const volume = new Volume(kernel, { ...diskProfiles.nvme, bandwidth: 100 * chunk }, undefined, host.memory.pages)
    let done = 0
    host.fork('writer', function* (me) {
      volume.create('file')
      for (let index = 0; index < 50; index++) {
        volume.write(me, 'file', index * chunk, new Uint8Array(chunk).fill(1))
        yield* me.pause()
      }
      done = me.now()
    })
    kernel.run(5 * second)
    expect(done).toBeGreaterThan(0.1 * second)
    expect(done).toBeLessThan(1 * second)
  })
})

describe('the killer', () => {
  it('takes the process with most memory, not the one that wanted more', () => {
    const host = makeHost(10)
    const large = eater(host, 7, 1)
    const small = eater(host, 4, 2)
    kernel.run(3 * second)
    expect(killed()).toEqual([large.pid])
    expect(large.alive).toBe(false)
    expect(small.alive).toBe(true)
  })

  it('counts shared pages for each that has touched them, though they are there once', () => {
    const host = makeHost(10)
    const segment = new SharedSegment()
    host.segments.add(segment)
    const sharers = [1, 2].map(at =>
      host.fork('sharer', function* (me) {
        yield* me.sleep(at * second, 'Test')
        host.memory.touch(me, segment, 6 * chunk, at === 1)
        yield* me.sleep(100 * second, 'Test')
      }),
    )
    const process = eater(host, 4, 3)
    kernel.run(4 * second)
    expect(killed()).toEqual([])
    host.memory.change(9 * chunk)
    kernel.run(5 * second)
    // The one that goes first takes nothing with it: the other still uses all of the segment.
    expect(killed()).toEqual(sharers.map(({ pid }) => pid).reverse())
    expect(process.alive).toBe(true)
  })

  it('kills nobody where nothing is promised that is not there', () => {
    const host = makeHost(10, false)
    const process = eater(host, 8, 1)
    let taken: boolean | undefined
    let forks: boolean | undefined
    host.fork('late', function* (me) {
      yield* me.sleep(2 * second, 'Test')
      taken = host.memory.take(me, 4 * chunk)
      forks = host.memory.allowsFork(process)
    })
    kernel.run(3 * second)
    expect([taken, forks]).toEqual([false, false])
    expect(killed()).toEqual([])
    expect(process.alive).toBe(true)
  })
})
