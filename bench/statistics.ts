// Medians and spread: what several rounds on a machine that others use as well can say.

export interface Spread {
  readonly median: number
  readonly least: number
  readonly most: number
}

export function spreadOf(values: readonly number[]): Spread {
  const sorted = [...values].sort((a, b) => a - b)
  return { median: percentile(sorted, 0.5), least: sorted[0] ?? Number.NaN, most: sorted[sorted.length - 1] ?? Number.NaN }
}

export const medianOf = (values: readonly number[]): number => spreadOf(values).median

/** Of sorted values; the nearest rank. */
export const percentile = (sorted: readonly number[], share: number): number =>
  sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN

export interface Latencies {
  readonly p50: number
  readonly p99: number
  readonly p999: number
}

export function latenciesOf(values: readonly number[]): Latencies {
  const sorted = [...values].sort((a, b) => a - b)
  return { p50: percentile(sorted, 0.5), p99: percentile(sorted, 0.99), p999: percentile(sorted, 0.999) }
}

/** Three significant digits, in plain notation. */
export function short(n: number): string {
  if (!Number.isFinite(n)) return '-'
  if (Math.abs(n) >= 100) return Math.round(n).toLocaleString('en')
  return String(Number(n.toPrecision(3)))
}
