// The page that `--format html` fills: the runs stand in a script element as JSON, and where there are several, a list
// chooses which one is shown.

import { formatCount } from '../../src/model/format.ts'
import { mountViewer, type Theme, type Viewer, type ViewerRun } from './index.ts'

const runs = JSON.parse(document.getElementById('runs')!.textContent!) as readonly ViewerRun[]
const place = document.getElementById('viewer')!
const bar = document.getElementById('choice')!
let shown: Viewer | undefined
let theme: Theme | undefined

function show(at: number): void {
  shown?.destroy()
  const begun = performance.now()
  shown = mountViewer(place, runs[at], {
    ...(theme ? { theme } : {}),
    themeChanged: changed => {
      theme = changed
      bar.dataset.theme = changed
    },
  })
  theme = shown.view.theme
  bar.dataset.theme = theme
  document.title = `${runs[at].title} · pgdrill`
  // For whoever measures how long it takes to open.
  requestAnimationFrame(() => {
    document.documentElement.dataset.opened = String(Math.round(performance.now() - begun))
  })
  Object.assign(window, { viewer: shown })
}

function nameOf({ title, variant, permutation, verdicts }: ViewerRun): string {
  const what = [...Object.entries(variant).map(([name, value]) => `${name} = ${value}`), permutation ?? ''].filter(
    Boolean,
  )
  const failed = verdicts.filter(({ outcome }) => outcome !== 'held').length
  return `${failed > 0 ? `✗ ${formatCount(failed)} failed · ` : '✓ '}${title}${what.length > 0 ? ` · ${what.join(', ')}` : ''}`
}

/** The first of those that have the most to tell: a failed check, then faults and notes. */
function mostTelling(): number {
  const weights = runs.map(({ verdicts, story }) => {
    const fails = verdicts.some(({ outcome }) => outcome !== 'held')
    const notes = story.filter(({ tone }) => tone === 'note' || tone === 'fault')
    return (fails ? 1000 : 0) + notes.length
  })
  return weights.indexOf(Math.max(...weights))
}

if (runs.length > 0) {
  const first = mostTelling()
  if (runs.length > 1) {
    const choice = document.createElement('select')
    choice.setAttribute('aria-label', 'Run')
    for (const run of runs) choice.append(new Option(nameOf(run)))
    choice.selectedIndex = first
    choice.addEventListener('change', () => show(choice.selectedIndex))
    bar.append(choice)
    bar.hidden = false
  }
  show(first)
}
