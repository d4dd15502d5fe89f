// A link that carries a whole scenario behind its `#`: what stands there is never sent to a server. The name and the text
// as JSON, deflated, in base64 of the kind that stands in an address as it is.

import type { SourceFile } from '../../src/index.ts'

const mark = '#scenario='
/** Characters. What unpacks to more is no scenario. */
const largest = 4 * 1024 * 1024

export async function hashOf({ name, text }: SourceFile): Promise<string> {
  const packed = new Blob([JSON.stringify([name, text])]).stream().pipeThrough(new CompressionStream('deflate-raw'))
  const bytes = new Uint8Array(await new Response(packed).arrayBuffer())
  let letters = ''
  for (const byte of bytes) letters += String.fromCharCode(byte)
  return mark + btoa(letters).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '')
}

/** undefined where there is none in it, or what is in it is broken. */
export async function scenarioOf(hash: string): Promise<SourceFile | undefined> {
  if (!hash.startsWith(mark)) return undefined
  try {
    const letters = atob(hash.slice(mark.length).replaceAll('-', '+').replaceAll('_', '/'))
    const bytes = Uint8Array.from(letters, letter => letter.charCodeAt(0))
    const unpacked = new Blob([bytes]).stream().pipeThrough(new DecompressionStream('deflate-raw'))
    const content: unknown = JSON.parse(await readUpTo(unpacked, largest))
    if (!Array.isArray(content)) return undefined
    const [name, text] = content
    return typeof name === 'string' && typeof text === 'string' ? { name, text } : undefined
  } catch {
    return undefined
  }
}

async function readUpTo(stream: ReadableStream<Uint8Array>, most: number): Promise<string> {
  const reader = stream.pipeThrough(new TextDecoderStream() as TransformStream<Uint8Array, string>).getReader()
  let text = ''
  for (;;) {
    const { done, value } = await reader.read()
    if (done) return text
    text += value
    if (text.length > most) throw new Error('too large')
  }
}
