// The style and the script of the page, as text.

export const PAGE_STYLE = `
:root{color-scheme:light}
*{box-sizing:border-box}
body{margin:0;font:15px/1.5 system-ui,"Segoe UI",Helvetica,Arial,sans-serif;color:#1c1e21;background:#fff}
header{padding:20px 28px 14px;border-left:10px solid;background:#f7f8fa}
header.secure{border-color:#1a6b3c}header.insecure{border-color:#8a6100;border-left-style:dashed}header.bogus{border-color:#a3262a;border-left-style:double}header.indeterminate{border-color:#6a4c93;border-left-style:dotted}
h1{margin:0;font-size:24px;overflow-wrap:anywhere}.status{margin:2px 0 8px;font-size:18px;font-weight:600}
header p{max-width:62em;margin:6px 0}.reason{font-weight:600}.facts,footer,small{color:#5a6068;font-weight:400}
.differs{border:3px double #a3262a;padding:8px 14px;margin:8px 0;max-width:62em;overflow-wrap:anywhere}
nav{position:sticky;top:0;z-index:1;display:flex;flex-wrap:wrap;gap:8px 14px;align-items:center;padding:8px 28px;background:#fff;border-bottom:1px solid #ccd}
nav a{color:#174a8c}.find{margin-left:auto}input{font:inherit;padding:3px 8px;width:17em}button{font:inherit;padding:3px 10px;cursor:pointer}
#found{min-width:6em;color:#5a6068}
main{padding:6px 28px 30px}section{scroll-margin-top:56px}.part>summary{cursor:pointer}h2{display:inline-block;font-size:18px;margin:12px 0 6px}
h3{margin:8px 0 2px;font-size:13px}
.scroll{overflow:auto;border:1px solid #dde;border-radius:6px;max-height:86vh}.scroll svg{display:block;min-width:100%}
.legend{color:#5a6068;font-size:13px;max-width:80em}
.tree,.tree ul{list-style:none;margin:0;padding-left:22px}.tree{padding-left:2px}.tree ul{border-left:1px solid #ccd;margin-left:5px}.tree summary{cursor:pointer}
.tree li{overflow-wrap:anywhere}
span.secure{color:#14552f}span.insecure{color:#6e4d00}span.bogus,td.bogus{color:#8f1d21;font-weight:600}span.indeterminate{color:#573e7d}.strong{font-weight:600}.faint{color:#5a6068}
table{border-collapse:collapse;width:100%;font-size:13px}th,td{text-align:left;padding:2px 8px;border-bottom:1px solid #e6e8ee;vertical-align:top;overflow-wrap:anywhere}.number{text-align:right}
.lane{width:34%}.lane svg{width:100%;height:14px;background:#f2f3f7}.good{fill:#3b6ea5}.bad{fill:#a3262a}
.message{border:1px solid #dde;border-radius:4px;margin:4px 0;padding:2px 10px;scroll-margin-top:56px}.message summary{cursor:pointer;overflow-wrap:anywhere}
pre{margin:0;white-space:pre-wrap;overflow-wrap:anywhere;font:12.5px/1.45 ui-monospace,Menlo,Consolas,monospace}
.steps{font-size:13px;padding-left:3.2em;margin:4px 0;content-visibility:auto;contain-intrinsic-size:auto 2000px}.steps li{overflow-wrap:anywhere}
.match{background:#ffe9a8;outline:2px solid #8a6100}.current{outline:3px solid #174a8c}
footer{padding:14px 28px;border-top:1px solid #ccd;overflow-wrap:anywhere;font-size:13px}
:focus-visible{outline:3px solid #174a8c;outline-offset:1px}
@media print{nav{display:none}.scroll{max-height:none}}
`.replaceAll('\n', '')

export const PAGE_SCRIPT = `
'use strict'
const input = document.getElementById('find')
const found = document.getElementById('found')
const all = [...document.querySelectorAll('.hit')]
const texts = all.map((one) => one.textContent.toLowerCase())
let matches = []
let at = -1
const unfold = (element) => {
  for (let box = element.parentElement; box; box = box.parentElement) if (box.tagName === 'DETAILS') box.open = true
}
const show = (step) => {
  if (matches.length === 0) return
  if (at >= 0) matches[at].classList.remove('current')
  at = (at + step + matches.length) % matches.length
  matches[at].classList.add('current')
  unfold(matches[at])
  matches[at].scrollIntoView({ block: 'center' })
  found.textContent = (at + 1) + ' of ' + matches.length
}
const search = () => {
  for (const one of matches) one.classList.remove('match', 'current')
  const wanted = input.value.trim().toLowerCase()
  matches = wanted === '' ? [] : all.filter((_, i) => texts[i].includes(wanted))
  at = -1
  for (const one of matches) one.classList.add('match')
  found.textContent = wanted === '' ? '' : matches.length + ' found'
}
input.addEventListener('input', search)
input.addEventListener('keydown', (event) => {
  if (event.key === 'Enter') show(event.shiftKey ? -1 : 1)
})
document.addEventListener('keydown', (event) => {
  if (event.key === '/' && document.activeElement !== input) {
    event.preventDefault()
    input.focus()
  }
})
const fold = (open) => {
  for (const box of document.querySelectorAll('details')) box.open = open || box.classList.contains('part')
}
document.getElementById('open').addEventListener('click', () => fold(true))
document.getElementById('close').addEventListener('click', () => fold(false))
const reveal = () => {
  const target = document.getElementById(decodeURIComponent(location.hash.slice(1)))
  if (!target) return
  if (target.tagName === 'DETAILS') target.open = true
  unfold(target)
  target.scrollIntoView()
}
addEventListener('hashchange', reveal)
reveal()
`
