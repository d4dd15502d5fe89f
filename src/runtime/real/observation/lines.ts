// Cuts bytes into lines. They are decoded line by line, so that a character or a broken byte sequence that is cut in
// the middle reads as it does in one piece.

const newline = 0x0a

export class Lines {
  private rest: Buffer = Buffer.alloc(0)

  /** A line has begun and has not ended. */
  get isInside(): boolean {
    return this.rest.length > 0
  }

  /** The lines that are whole now, without their ends. */
  feed(bytes: Buffer): string[] {
    const all = this.rest.length === 0 ? bytes : Buffer.concat([this.rest, bytes])
    const lines: string[] = []
    let start = 0
    for (let end = all.indexOf(newline); end >= 0; end = all.indexOf(newline, start)) {
      lines.push(all.toString('utf8', start, end))
      start = end + 1
    }
    this.rest = Buffer.from(all.subarray(start))
    return lines
  }
}
