// The styles of a report. Plain by default; a terminal's colours are put in by whoever owns the terminal.

export type Style = (text: string) => string

export interface Styles {
  readonly title: Style
  readonly time: Style
  readonly node: Style
  readonly process: Style
  readonly client: Style
  readonly fault: Style
  readonly note: Style
  readonly warning: Style
  readonly error: Style
  readonly faint: Style
  readonly held: Style
  readonly failed: Style
}

const as = (text: string) => text

export const plain: Styles = {
  title: as,
  time: as,
  node: as,
  process: as,
  client: as,
  fault: as,
  note: as,
  warning: as,
  error: as,
  faint: as,
  held: as,
  failed: as,
}
