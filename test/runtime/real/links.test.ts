// Links of a real run, over plain sockets: what is delayed, held, lost, and how connections end.

import { createServer, connect as dial, type Server, type Socket } from 'node:net'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import type { LinkDeclaration } from '../../../src/runtime/engine.ts'
import { Links } from '../../../src/runtime/real/links/index.ts'
import { LinkedStream } from '../../../src/runtime/real/links/linked-stream.ts'

const ms = 1_000_000

/** A server that answers every text with itself, and remembers what it heard. */
class Echo {
  readonly sockets: Socket[] = []
  heard = ''
  /** How its connections ended. */
  readonly endings: string[] = []
  private readonly server: Server
  port = 0
  isMute = false

  constructor() {
    this.server = createServer({ allowHalfOpen: true }, socket => {
      this.sockets.push(socket)
      socket.on('data', data => {
        this.heard += data
        if (!this.isMute) socket.write(data)
      })
      socket.on('end', () => {
        this.endings.push('end of file')
        socket.end()
      })
      socket.on('error', (error: NodeJS.ErrnoException) => this.endings.push(error.code ?? ''))
    })
  }

  listen(port = 0): Promise<this> {
    return new Promise(resolve => {
      this.server.listen(port, '127.0.0.1', () => {
        this.port = (this.server.address() as { port: number }).port
        resolve(this)
      })
    })
  }

  close(): Promise<void> {
    for (const socket of this.sockets) socket.destroy()
    return new Promise(resolve => this.server.close(() => resolve()))
  }
}

let echo: Echo
let links: Links

beforeEach(async () => {
  echo = await new Echo().listen()
  links = new Links([])
})

afterEach(async () => {
  await links.close()
  await echo.close()
})

const wait = (time: number): Promise<void> => new Promise(resolve => setTimeout(resolve, time))

/** Until it is so, at most two seconds. */
async function until(condition: () => boolean): Promise<void> {
  for (let turn = 0; turn < 400 && !condition(); turn++) await wait(5)
  expect(condition()).toBe(true)
}

async function took(action: () => Promise<unknown>): Promise<number> {
  const begun = performance.now()
  await action()
  return performance.now() - begun
}

/** A client's stream that is connected, with what came in. */
async function opened(
  options: Parameters<Links['connect']>[3] = {},
): Promise<{ stream: LinkedStream; text: () => string }> {
  const stream = await links.connect('app', 'primary', echo.port, options)
  if (!(stream instanceof LinkedStream)) throw new Error(stream)
  let text = ''
  stream.on('data', data => {
    text += data
  })
  return { stream, text: () => text }
}

function withLink(link: Omit<LinkDeclaration, 'ends'>): void {
  links = new Links([{ ends: ['primary', 'app'], ...link }])
}

describe('what is sent over a link', () => {
  test('arrives at once where nothing is declared', async () => {
    const { stream, text } = await opened()
    expect(
      await took(async () => {
        stream.write('hello')
        await until(() => text() === 'hello')
      }),
    ).toBeLessThan(1000)
  })

  test('takes the latency each way, the handshake a round trip', async () => {
    withLink({ latency: 40 * ms })
    let client!: Awaited<ReturnType<typeof opened>>
    expect(
      await took(async () => {
        client = await opened()
      }),
    ).toBeGreaterThan(79)
    const time = await took(async () => {
      client.stream.write('hello')
      await until(() => client.text() === 'hello')
    })
    expect(time).toBeGreaterThan(79)
    expect(time).toBeLessThan(1000)
  })

  test('keeps its order, whatever the jitter', async () => {
    withLink({ latency: 2 * ms, jitter: 20 * ms })
    const { stream, text } = await opened()
    let sent = ''
    for (let number = 0; number < 50; number++) {
      stream.write(`${number} `)
      sent += `${number} `
      await wait(1)
    }
    await until(() => text().length === sent.length)
    expect(text()).toBe(sent)
  })

  test('waits for the bandwidth: what is sent together shares it', async () => {
    withLink({ bandwidth: 100_000 })
    const { stream } = await opened()
    echo.isMute = true
    const time = await took(async () => {
      stream.write('x'.repeat(10_000))
      stream.write('y'.repeat(10_000))
      await until(() => echo.heard.length === 20_000)
    })
    expect(time).toBeGreaterThan(190)
  })

  test('is sent again after 200 ms where it is lost, and after twice as long the next time', async () => {
    withLink({ loss: 0.5 })
    const chance = vi.spyOn(Math, 'random').mockReturnValue(0.9)
    const lossy = await opened()
    // Jitter draws first, then one for every time that the packet is sent.
    for (const draw of [0, 0.1, 0.1]) chance.mockReturnValueOnce(draw)
    const time = await took(async () => {
      lossy.stream.write('hello')
      await until(() => lossy.text() === 'hello')
    })
    chance.mockRestore()
    expect(time).toBeGreaterThan(599)
    expect(time).toBeLessThan(1500)
  })

  test('is not lost where the reader is slow', async () => {
    const { stream, text } = await opened()
    const size = 20 * 1024 * 1024
    let isTaken = false
    stream.write('z'.repeat(size), () => {
      isTaken = true
    })
    echo.isMute = true
    echo.sockets[0]?.pause()
    await until(() => echo.sockets.length === 1)
    await wait(100)
    echo.sockets[0].resume()
    await until(() => echo.heard.length === size)
    expect(isTaken).toBe(true)
    expect(text()).toBe('')
  })
})

describe('a cut link', () => {
  test('holds what is sent, until the first retransmission after it is healed', async () => {
    const { stream, text } = await opened()
    links.cut('app', 'primary')
    expect(links.isCut('app', 'primary')).toBe(true)
    expect(links.isCut('primary', 'app')).toBe(false)
    stream.write('one')
    await wait(50)
    expect(echo.heard).toBe('')
    links.heal('app', 'primary')
    stream.write(' two')
    await wait(50)
    expect(echo.heard).toBe('')
    await until(() => text() === 'one two')
  })

  test('that is cut the other way only holds the answer', async () => {
    const { stream, text } = await opened()
    links.cut('primary', 'app')
    stream.write('one')
    await until(() => echo.heard === 'one')
    await wait(100)
    expect(text()).toBe('')
    links.heal('primary', 'app')
    await until(() => text() === 'one')
  })

  test('gives no answer to a new connection', async () => {
    links.cut('primary', 'app')
    const deadline = performance.now() + 150
    const time = await took(async () => {
      expect(await links.connect('app', 'primary', echo.port, { deadline })).toBe('timeout expired')
    })
    expect(time).toBeGreaterThan(145)
    expect(time).toBeLessThan(1500)
  })

  test('ends a connection with something unacknowledged after the user timeout', async () => {
    const { stream } = await opened({ tcpUserTimeout: 300 * ms })
    links.cut('app', 'primary')
    stream.write('one')
    const time = await took(() => until(() => stream.ending !== undefined))
    expect(stream.ending).toBe('timed out')
    expect(time).toBeGreaterThan(290)
    expect(time).toBeLessThan(1500)
  })

  test('ends a silent connection when the keepalive probes are used up', async () => {
    const keepalive = { idle: 100 * ms, interval: 50 * ms, count: 2 }
    const { stream } = await opened({ keepalive })
    await wait(250)
    expect(stream.ending).toBeUndefined()
    links.cut('primary', 'app')
    const time = await took(() => until(() => stream.ending !== undefined))
    expect(stream.ending).toBe('timed out')
    expect(time).toBeLessThan(1500)
  })

  test('resets the server that writes to a client which has given up', async () => {
    const { stream } = await opened({ tcpUserTimeout: 100 * ms })
    links.cut('app', 'primary')
    stream.write('one')
    await until(() => stream.ending === 'timed out')
    links.heal('app', 'primary')
    echo.sockets[0].write('anybody there?')
    await until(() => echo.endings.includes('ECONNRESET'))
  })
})

describe('the end of a connection', () => {
  test('by the server comes after what it said', async () => {
    withLink({ latency: 20 * ms })
    const { stream, text } = await opened()
    await until(() => echo.sockets.length === 1)
    echo.sockets[0].end('goodbye')
    await until(() => stream.ending !== undefined)
    expect(text()).toBe('goodbye')
    expect(stream.ending).toBe('end of file')
  })

  test('by the server may be a reset', async () => {
    const { stream } = await opened()
    await until(() => echo.sockets.length === 1)
    echo.sockets[0].resetAndDestroy()
    await until(() => stream.ending === 'reset')
  })

  test('by the client is heard by the server', async () => {
    const { stream } = await opened()
    stream.end('goodbye')
    await until(() => echo.endings.length === 1)
    expect(echo.heard).toBe('goodbye')
    expect(echo.endings).toEqual(['end of file'])
  })

  test('that nobody listens for is refused, after a round trip', async () => {
    withLink({ latency: 30 * ms })
    const { port } = echo
    await echo.close()
    const time = await took(async () => {
      expect(await links.connect('app', 'primary', port)).toBe('Connection refused')
    })
    expect(time).toBeGreaterThan(59)
  })
})

describe('a node without power', () => {
  test('says nothing of its end; whoever writes to it is reset when it is back', async () => {
    const { stream } = await opened()
    await until(() => echo.sockets.length === 1)
    links.silence('primary')
    echo.sockets[0].destroy()
    await wait(100)
    expect(stream.ending).toBeUndefined()
    stream.write('anybody there?')
    await wait(250)
    expect(stream.ending).toBeUndefined()
    links.unsilence('primary')
    await until(() => stream.ending === 'reset')
  })

  test('is found out by keepalive where nobody writes', async () => {
    const { stream } = await opened({ keepalive: { idle: 50 * ms, interval: 50 * ms, count: 1 } })
    links.silence('primary')
    await until(() => stream.ending === 'timed out')
  })

  test('has no route to it, after three seconds', async () => {
    links.silence('primary')
    const time = await took(async () => {
      expect(await links.connect('app', 'primary', echo.port)).toBe('No route to host')
    })
    expect(time).toBeGreaterThan(2990)
    expect(time).toBeLessThan(3500)
  })
})

describe('a proxy between nodes', () => {
  async function through(port: number): Promise<{ socket: Socket; text: () => string; endings: string[] }> {
    const socket = dial(port, '127.0.0.1')
    let text = ''
    const endings: string[] = []
    socket.on('data', data => {
      text += data
    })
    socket.on('error', (error: NodeJS.ErrnoException) => endings.push(error.code ?? ''))
    socket.on('end', () => endings.push('end of file'))
    await new Promise(resolve => {
      socket.once('connect', resolve)
      socket.once('error', resolve)
    })
    return { socket, text: () => text, endings }
  }

  test('hands on both ways, and tells which port the server sees', async () => {
    const seen: [number, string, string][] = []
    links = new Links([], (...each) => seen.push(each))
    const { port } = await links.proxy('standby', 'primary', echo.port)
    const { socket, text } = await through(port)
    socket.write('hello')
    await until(() => text() === 'hello')
    expect(seen).toEqual([[echo.sockets[0].remotePort, 'standby', 'primary']])
    socket.end()
    await until(() => echo.endings.length === 1)
  })

  test('holds one direction of a link that is cut in one', async () => {
    const { port } = await links.proxy('standby', 'primary', echo.port)
    const { socket, text } = await through(port)
    socket.write('one')
    await until(() => text() === 'one')
    links.cut('primary', 'standby')
    socket.write(' two')
    await until(() => echo.heard === 'one two')
    await wait(50)
    expect(text()).toBe('one')
    links.heal('primary', 'standby')
    await until(() => text() === 'one two')
  })

  test('is refused like its target, on the same port again when that is back', async () => {
    const { port } = await links.proxy('standby', 'primary', echo.port)
    const target = echo.port
    await echo.close()
    await wait(100)
    expect((await through(port)).endings).toEqual(['ECONNREFUSED'])
    echo = await new Echo().listen(target)
    await wait(100)
    const { socket, text } = await through(port)
    socket.write('hello')
    await until(() => text() === 'hello')
  })

  test('tells a server nothing of a standby that lost its power, and resets it later', async () => {
    const { port } = await links.proxy('standby', 'primary', echo.port)
    const { socket } = await through(port)
    await until(() => echo.sockets.length === 1)
    links.silence('standby')
    socket.resetAndDestroy()
    await wait(100)
    expect(echo.endings).toEqual([])
    links.unsilence('standby')
    echo.sockets[0].write('wal')
    await until(() => echo.endings.includes('ECONNRESET'))
  })

  test('connects to its target when the link is healed, unless the other one has given up', async () => {
    const { port } = await links.proxy('standby', 'primary', echo.port)
    links.cut('standby', 'primary')
    const [patient, impatient] = [await through(port), await through(port)]
    patient.socket.write('still here')
    impatient.socket.end('gone')
    await wait(200)
    links.heal('standby', 'primary')
    await until(() => patient.text() === 'still here')
    await wait(100)
    expect(echo.heard).toBe('still here')
    expect(echo.sockets).toHaveLength(1)
  })

  test('resets whom no answer reaches, after as long as the system would wait', async () => {
    const { port } = await links.proxy('standby', 'primary', echo.port)
    links.silence('primary')
    const { endings } = await through(port)
    await wait(2000)
    expect(endings).toEqual([])
    await wait(1000)
    await until(() => endings.includes('ECONNRESET'))
  })

  test('closes with all that it made', async () => {
    const proxy = await links.proxy('standby', 'primary', echo.port)
    const { endings } = await through(proxy.port)
    await proxy.close()
    await until(() => endings.length > 0)
    expect((await through(proxy.port)).endings).toEqual(['ECONNREFUSED'])
  })
})
