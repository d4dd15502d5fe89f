// What is being played, on a terminal, while it takes seconds: one line that is written over, and gone at the end.

export interface Progress {
  /** Says what is played now. */
  tell(text: string): void
  end(): void
}

const silent: Progress = { tell() {}, end() {} }

export function progress(output: NodeJS.WriteStream): Progress {
  if (!output.isTTY || process.env.CI) return silent
  const begun = performance.now()
  let now = ''
  const show = () => {
    const seconds = Math.floor((performance.now() - begun) / 1000)
    const text = `${now} · ${seconds} s`
    output.write(`\r\x1b[K${text.slice(0, (output.columns ?? 80) - 1)}`)
  }
  const timer = setInterval(show, 1000)
  timer.unref()
  return {
    tell(text) {
      now = text
      show()
    },
    end() {
      clearInterval(timer)
      output.write('\r\x1b[K')
    },
  }
}
