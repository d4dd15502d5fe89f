// How many columns of a terminal a text takes: East Asian letters and emoji such as ⚡ take two.

const wide = /[\p{Emoji_Presentation}\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}！-｠]/gu
const narrow = /\p{Mark}/gu

export function widthOf(text: string): number {
  if (/^[\x20-\x7e]*$/.test(text)) return text.length
  return [...text].length + (text.match(wide)?.length ?? 0) - (text.match(narrow)?.length ?? 0)
}

export function padEnd(text: string, width: number): string {
  return text + ' '.repeat(Math.max(0, width - widthOf(text)))
}
