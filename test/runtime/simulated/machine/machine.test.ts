import { beforeEach, describe, expect, test } from 'vitest'
import type { TraceEvent } from '../../../../src/model/trace.ts'
import { Kernel } from '../../../../src/runtime/simulated/kernel/kernel.ts'
import { Host } from '../../../../src/runtime/simulated/machine/host.ts'
import { listenerName, Network } from '../../../../src/runtime/simulated/machine/link.ts'
import type { Process } from '../../../../src/runtime/simulated/machine/process.ts'
import { contextSwitch, diskProfiles } from '../../../../src/runtime/simulated/machine/profile.ts'
import type { Socket } from '../../../../src/runtime/simulated/machine/socket.ts'
import { Volume } from '../../../../src/runtime/simulated/machine/volume.ts'
import { Trace } from '../../../../src/runtime/trace.ts'

let kernel: Kernel
let host: Host
let events: TraceEvent[]

function makeHost(name: string, cpus = 2): Host {
  const trace = new Trace(
    () => kernel.now,
    [],
    event => events.push(event),
  )
  return new Host(kernel, trace, name, { cpus, firstPid: 100 })
}

beforeEach(() => {
  kernel = new Kernel(1)
  events = []
  host = makeHost('small')
})

describe('processes', () => {
  test('CPU time passes at once when nothing else is due, and two CPUs serve two at a time', () => {
    const ends: [number, number][] = []
    const busy = function* (me: Process) {
      me.charge(1000)
      yield* me.pause()
      ends.push([me.pid, kernel.now])
    }
    for (let i = 0; i < 4; i++) host.fork('worker', busy)
    kernel.run(10_000)
    expect(ends).toEqual([
      [100, 1000],
      [101, 1000],
      // They waited, so the CPUs had to switch to them.
      [102, 1000 + contextSwitch + 1000],
      [103, 1000 + contextSwitch + 1000],
    ])
  })

  test('with more of them than CPUs all get their share, and no more than there is', () => {
    const used = [0, 0, 0, 0, 0]
    for (const each of used.keys()) {
      host.fork('worker', function* (me) {
        for (;;) {
          for (let part = 0; part < 10; part++) me.charge(2000)
          yield* me.pause()
          used[each] += 20_000
        }
      })
    }
    kernel.run(100_000_000)
    const total = used.reduce((sum, each) => sum + each, 0)
    expect(total / 100_000_000).toBeGreaterThan(1.95)
    expect(total / 100_000_000).toBeLessThanOrEqual(2)
    for (const each of used) expect(each / total).toBeCloseTo(0.2, 2)
  })

  test('a latch that is set before the wait is not lost, and a wait ends by time', () => {
    const seen: unknown[] = []
    host.fork('waiter', function* (me) {
      me.latch.set()
      seen.push(yield* me.waitLatch({ until: 500, waitEvent: 'Test' }))
      me.latch.reset()
      seen.push(yield* me.waitLatch({ until: 500, waitEvent: 'Test' }), kernel.now)
    })
    kernel.run(1000)
    expect(seen).toEqual([true, false, 500])
  })

  test('a killed process runs neither finally nor exit callbacks; its parent is told', () => {
    let cleaned = false
    let status: unknown
    host.fork('parent', function* (me) {
      me.remember('CHLD')
      host.fork(
        'child',
        function* (child) {
          child.atExit(() => {
            cleaned = true
          })
          try {
            yield* child.sleep(1000, 'Test')
          } finally {
            cleaned = true
          }
        },
        { parent: me },
      )
      yield* me.waitLatch({ waitEvent: 'Test' })
      status = me.exitedChildren[0].status
    })
    kernel.at(10, () => host.kill(101, 'KILL'))
    kernel.run(5000)
    expect(status).toEqual({ signal: 'KILL' })
    expect(cleaned).toBe(false)
    expect(events.at(-2)).toMatchObject({ kind: 'process.exited', pid: 101, signal: 'signal 9: Killed' })
  })

  test('exit runs the exit callbacks, the newest first', () => {
    const seen: string[] = []
    host.fork('worker', function* (me) {
      me.atExit(() => seen.push('first'))
      me.atExit(() => seen.push('second'))
      yield* me.sleep(1, 'Test')
      me.exit(3)
    })
    kernel.run(100)
    expect(seen).toEqual(['second', 'first'])
    expect(events.at(-1)).toMatchObject({ kind: 'process.exited', code: 3 })
  })

  test('a stopped process gets its signals when it goes on', () => {
    const seen: [string, number][] = []
    const process = host.fork('worker', function* (me) {
      me.on('TERM', () => seen.push(['TERM', kernel.now]))
      yield* me.sleep(100, 'Test')
      seen.push(['awake', kernel.now])
    })
    kernel.at(10, () => process.signal('STOP'))
    kernel.at(20, () => process.signal('TERM'))
    kernel.at(300, () => process.signal('CONT'))
    kernel.run(1000)
    expect(seen).toEqual([
      ['TERM', 300],
      ['awake', 300],
    ])
  })

  test('a signal without a handler ends the process, as the system does it', () => {
    host.fork('worker', function* (me) {
      yield* me.sleep(100, 'Test')
    })
    kernel.at(10, () => host.kill(100, 'TERM'))
    kernel.run(1000)
    expect(events.at(-1)).toMatchObject({ signal: 'signal 15: Terminated', time: 10 })
  })
})

describe('a volume', () => {
  const bytes = (fill: number, length = 8192) => new Uint8Array(length).fill(fill)

  test('loses in a power cut what was not flushed, and may tear what was on its way', () => {
    const volume = new Volume(kernel, diskProfiles.nvme)
    host.volumes.push(volume)
    volume.create('f')
    host.fork('writer', function* (me) {
      volume.write(me, 'f', 0, bytes(1))
      yield* volume.fsync(me, 'f', 'Test')
      volume.write(me, 'f', 0, bytes(2))
      volume.write(me, 'f', 8192, bytes(2))
      kernel.at(kernel.now + 10, () => host.goDown('power'))
      yield* volume.fsync(me, 'f', 'Test')
    })
    kernel.run(10_000_000)
    const found = volume.peek('f')
    expect(found.length).toBe(8192)
    const sectors = new Set(found.filter((_, index) => index % 512 === 0))
    expect(sectors).toEqual(new Set([1, 2]))
  })

  test('an operating system crash finishes what the disk was given', () => {
    const volume = new Volume(kernel, diskProfiles.nvme)
    host.volumes.push(volume)
    volume.create('f')
    host.fork('writer', function* (me) {
      volume.write(me, 'f', 0, bytes(1))
      yield* volume.fsync(me, 'f', 'Test')
      volume.write(me, 'f', 0, bytes(2))
    })
    kernel.run(10_000_000)
    host.goDown('system')
    expect(volume.peek('f')[0]).toBe(1)
  })

  test('that is full refuses to grow', () => {
    const volume = new Volume(kernel, diskProfiles.nvme, 10_000)
    volume.create('f')
    let error: unknown
    host.fork('writer', function* (me) {
      volume.write(me, 'f', 0, bytes(1))
      yield* me.sleep(1, 'Test')
      try {
        volume.write(me, 'f', 8192, bytes(1))
      } catch (thrown) {
        error = thrown
      }
    })
    kernel.run(1000_000)
    expect(error).toMatchObject({ code: 'ENOSPC' })
    expect(volume.used).toBe(8192)
  })
})

describe('a connection', () => {
  interface Text {
    readonly size: number
    readonly text: string
  }
  let network: Network
  let far: Host
  let heard: [string, number][]

  beforeEach(() => {
    network = new Network(kernel)
    far = makeHost('far')
    network.place('a', host)
    network.place('b', far)
    network.declare('a', 'b', { latency: 1_000_000 })
    heard = []
    const server = far.fork('server', function* (me) {
      while (true) {
        me.latch.reset()
        for (const socket of me.sockets) {
          for (let message = socket.take() as Text | undefined; message; message = socket.take() as Text | undefined) {
            heard.push([message.text, kernel.now])
          }
          if (socket.ending) {
            heard.push([socket.ending, kernel.now])
            socket.close()
          }
        }
        yield* me.waitLatch({ waitEvent: 'Test' })
      }
    })
    far.listeners.set(listenerName('b', 5432), { process: server, accept: socket => socket.attach(server) })
  })

  function client(talk: (me: Process, socket: Socket) => Generator<void, void, void>): Process {
    return host.fork('client', function* (me) {
      const socket = network.connect('a', 'b', 5432)
      if (typeof socket !== 'object') throw new Error('not connected')
      socket.attach(me)
      yield* talk(me, socket)
    })
  }
  const say = (text: string): Text => ({ size: 10, text })

  test('carries messages in order after the latency, then the end of file of a killed process', () => {
    const process = client(function* (me, socket) {
      socket.send(say('one'))
      socket.send(say('two'))
      yield* me.sleep(1e12, 'Test')
    })
    kernel.at(5_000_000, () => process.signal('KILL'))
    kernel.run(10_000_000)
    expect(heard).toEqual([
      ['one', 1_000_000],
      ['two', 1_000_000],
      ['end of file', 6_000_000],
    ])
  })

  test('over a cut link waits, and arrives at a retransmission after it is healed', () => {
    client(function* (me, socket) {
      network.link('a', 'b').cut('a')
      socket.send(say('late'))
      yield* me.sleep(1e12, 'Test')
    })
    kernel.at(500_000_000, () => network.link('a', 'b').heal('a'))
    kernel.run(5_000_000_000)
    // Tries again after 200 ms and after another 400: the second one finds the link healed.
    expect(heard).toEqual([['late', 601_000_000]])
  })

  test('to a host that lost its power: silence, then timed out; reset where it came back', () => {
    const endings: [string | undefined, number][] = []
    const talk = function* (me: Process, socket: Socket) {
      socket.userTimeout = 3e9
      yield* me.sleep(10_000_000, 'Test')
      socket.send(say('anyone?'))
      while (!socket.ending) {
        me.latch.reset()
        yield* me.waitLatch({ waitEvent: 'Test' })
      }
      endings.push([socket.ending, kernel.now])
    }
    client(talk)
    kernel.at(5_000_000, () => far.goDown('power'))
    kernel.run(10e9)
    expect(endings).toEqual([['timed out', 3_010_000_000]])
    expect(network.connect('a', 'b', 5432)).toBe(undefined)
    far.comeUp()
    expect(network.connect('a', 'b', 5432)).toBe('refused')
  })

  test('that only listens notices a host without power by its keepalive probes', () => {
    const endings: [string | undefined, number][] = []
    client(function* (me, socket) {
      socket.keepAlive({ idle: 2e9, interval: 1e9, count: 3 })
      while (!socket.ending) {
        me.latch.reset()
        yield* me.waitLatch({ waitEvent: 'Test' })
      }
      endings.push([socket.ending, kernel.now])
    })
    kernel.at(5e9, () => far.goDown('power'))
    kernel.run(60e9)
    // Probes answer at 2 s and 4 s; the one at 6 s does not, nor do the three after it.
    expect(endings).toEqual([['timed out', 9e9]])
  })
})
