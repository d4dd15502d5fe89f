// The playground's page: the editor, and around it the parts that show what the studio knows.

import './style.css'
import { h, render } from 'preact'
import { App } from './parts/app.tsx'
import { Studio } from './studio.ts'

const place = document.createElement('div')
place.className = 'editor'
const studio = new Studio(place)
render(h(App, { studio, place }), document.getElementById('studio')!)
void studio.begin()
