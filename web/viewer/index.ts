// The viewer as a part of a page: `mountViewer` shows one run in an element, whatever its size, and gives what its owner
// can still do with it. The styles come with it (style.css).

import './style.css'
import { h, render } from 'preact'
import type { ViewerRun } from '../../src/report/viewer-run.ts'
import { Model } from './model/model.ts'
import { App } from './parts/app.tsx'
import { type Theme, View } from './view.ts'

export type { ViewerRun } from '../../src/report/viewer-run.ts'
export type { Theme } from './view.ts'

export interface ViewerOptions {
  /** What the person's system prefers, if left out. */
  readonly theme?: Theme
  /** Called when the person has changed it. */
  readonly themeChanged?: (theme: Theme) => void
}

export interface Viewer {
  readonly view: View
  setTheme(theme: Theme): void
  destroy(): void
}

export function mountViewer(element: HTMLElement, run: ViewerRun, options: ViewerOptions = {}): Viewer {
  const view = new View(new Model(run), options.theme ?? preferredTheme())
  let theme = view.theme
  const stop = view.listen(() => {
    if (view.theme === theme) return
    theme = view.theme
    options.themeChanged?.(theme)
  })
  render(h(App, { view }), element)
  return {
    view,
    setTheme: wanted => view.change({ theme: wanted }),
    destroy() {
      stop()
      render(null, element)
    },
  }
}

function preferredTheme(): Theme {
  return matchMedia('(prefers-color-scheme: dark)').matches ? 'dark' : 'light'
}
