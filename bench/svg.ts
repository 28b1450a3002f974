// Plots as SVG, by hand: lines with points, two axes, a legend.
import type { Plot } from './measures/measure.js'
import { short } from './statistics.js'

const [WIDTH, HEIGHT] = [720, 400]
const BOX = { left: 70, right: 220, top: 40, bottom: 50 }
const COLOURS = ['#0969da', '#cf222e', '#1a7f37', '#8250df', '#bf8700', '#57606a', '#e16f24']
const TICKS = 5

export function toSvg({ title, x, y, logX, lines }: Plot): string {
  const points = lines.flatMap((line) => line.points)
  const scale = (n: number): number => (logX ? Math.log10(Math.max(n, 1)) : n)
  const xs = points.map(([at]) => scale(at))
  const [low, high] = [Math.min(...xs), Math.max(...xs)]
  const top = Math.max(...points.map(([, value]) => value)) * 1.1 || 1
  const atX = (n: number): number => BOX.left + ((scale(n) - low) / (high - low || 1)) * (WIDTH - BOX.left - BOX.right)
  const atY = (n: number): number => HEIGHT - BOX.bottom - (n / top) * (HEIGHT - BOX.top - BOX.bottom)
  const bottom = HEIGHT - BOX.bottom
  const right = WIDTH - BOX.right
  const parts = [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" font-family="sans-serif" font-size="12">`,
    `<title>${escaped(title)}</title>`,
    `<rect width="${WIDTH}" height="${HEIGHT}" fill="#fff"/>`,
    text(BOX.left, 22, title, 'start', 15),
    `<path d="M${BOX.left} ${BOX.top}V${bottom}H${right}" fill="none" stroke="#57606a"/>`,
    text((BOX.left + right) / 2, HEIGHT - 12, x, 'middle'),
    `<g transform="translate(16 ${(BOX.top + bottom) / 2}) rotate(-90)">${text(0, 0, y, 'middle')}</g>`
  ]
  for (let i = 0; i <= TICKS; i++) {
    const value = (top / TICKS) * i
    parts.push(
      `<path d="M${BOX.left} ${round(atY(value))}H${right}" stroke="#d0d7de"/>`,
      text(BOX.left - 6, atY(value) + 4, short(value), 'end')
    )
  }
  for (const at of [...new Set(points.map(([n]) => n))]) parts.push(text(atX(at), bottom + 16, at.toLocaleString('en'), 'middle'))
  lines.forEach((line, i) => {
    const colour = COLOURS[i % COLOURS.length] as string
    const path = line.points.map(([n, value], k) => `${k ? 'L' : 'M'}${round(atX(n))} ${round(atY(value))}`).join('')
    parts.push(`<path d="${path}" fill="none" stroke="${colour}" stroke-width="2"/>`)
    for (const [n, value] of line.points) parts.push(`<circle cx="${round(atX(n))}" cy="${round(atY(value))}" r="3" fill="${colour}"/>`)
    const row = BOX.top + 10 + i * 20
    parts.push(`<path d="M${right + 14} ${row}h18" stroke="${colour}" stroke-width="3"/>`, text(right + 38, row + 4, line.name, 'start'))
  })
  return `${[...parts, '</svg>'].join('\n')}\n`
}

const round = (n: number): number => Math.round(n * 10) / 10

const escaped = (words: string): string => words.replace(/&/g, '&amp;').replace(/</g, '&lt;')

function text(x: number, y: number, words: string, anchor: 'start' | 'middle' | 'end', size = 12): string {
  return `<text x="${round(x)}" y="${round(y)}" text-anchor="${anchor}" font-size="${size}" fill="#1f2328">${escaped(words)}</text>`
}
