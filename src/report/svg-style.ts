// How the space-time chart looks, in the light and in the dark. The colours are told apart by people who see fewer of
// them (Okabe and Ito's), and what matters differs in its form too.

export const svgStyle = `
:root{--paper:#fff;--ink:#1b1f24;--faint:#6b7480;--line:#e3e7ec;--life:#9aa6b2;--client:#0072b2;--fault:#d55e00;--wait:#e69f00;--good:#009e73;--signal:#d55e00;--talk:#0072b2;--fork:#9aa6b2}
@media(prefers-color-scheme:dark){:root{--paper:#14171b;--ink:#e6e9ec;--faint:#929ba6;--line:#262c33;--life:#66717d;--client:#56b4e9;--fault:#ff8a3d;--wait:#e69f00;--good:#2fcf9f;--signal:#ff8a3d;--talk:#56b4e9;--fork:#66717d}}
text{font:13px system-ui,sans-serif;fill:var(--ink)}
.paper{fill:var(--paper)}.title{font-size:17px;font-weight:600}tspan{font-weight:400}.node{font-weight:600}.small{font-size:12px}
.faint{fill:var(--faint)}.bad{fill:var(--fault);font-weight:600}.tick{stroke:var(--line);fill:none}
.life{stroke:var(--life);stroke-width:4;fill:none}.client{stroke:var(--client)}
.wait{stroke:var(--wait);stroke-width:8;fill:none}.end{stroke:var(--life);stroke-width:2;fill:none}
.death{stroke:var(--fault);stroke-width:2.5;fill:none}
.flag{stroke-width:1.5;stroke-dasharray:5 3;fill:none}path.fault{stroke:var(--fault)}path.note{stroke:var(--faint)}
text.fault{fill:var(--fault);font-weight:600}text.note{fill:var(--faint)}
.arrow{stroke-width:1.2;fill:none}.fork{stroke:var(--fork)}.signal{stroke:var(--signal)}
.connection,.statement,.answer{stroke:var(--talk)}.answer{stroke-dasharray:4 3}
.error{stroke:var(--fault);stroke-dasharray:4 3}
.alarm{fill:var(--fault)}.said{fill:var(--faint)}.good{fill:var(--good)}
`.replaceAll('\n', '')
