// What XML can hold: escapes for text and attributes, alike for every report that is XML.

/** Letters that XML cannot hold at all are replaced. */
export function escapeXml(text: string): string {
  return [...text].map(letter => (isAllowed(letter.codePointAt(0)!) ? (named[letter] ?? letter) : '\uFFFD')).join('')
}

function isAllowed(code: number): boolean {
  if (code < 0x20) return code === 0x0a || code === 0x09
  return (code < 0xd800 || code > 0xdfff) && code !== 0xfffe && code !== 0xffff
}

const named: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  '\n': '&#10;',
}
