// A few mutants at every run; `npm run fuzz` does as many as are wanted.
import { expect, it } from 'vitest'
import { runMutants } from './run.js'

const COUNT = Number(process.env.MUTANTS ?? 3_000)
const SEED = Number(process.env.MUTANTS_SEED ?? Date.now() % 1_000_000)

it(`${COUNT} mutants of replies are never secure unless they say what the zone says (seed ${SEED})`, { timeout: 300_000 }, async () => {
  const { mutants, statuses, failures } = await runMutants(SEED, 0, COUNT)
  expect(failures).toEqual([])
  expect(mutants).toBe(COUNT)
  // A run in which nothing stayed secure, or nothing was refused, would have tested nothing.
  expect(statuses.secure).toBeGreaterThan(COUNT / 100)
  expect(statuses.bogus).toBeGreaterThan(COUNT / 100)
})
