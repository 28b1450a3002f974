// The folder of real captures, outside the repository: CONFORMANCE_DATA names it. Tests of it are skipped by name without it.
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'

const folder = process.env.CONFORMANCE_DATA
export const noData = folder === undefined ? 'CONFORMANCE_DATA is not set' : false

export function real(path: string): Buffer {
  const octets = readFileSync(join(folder ?? '', 'real-data', path))
  return path.endsWith('.gz') ? gunzipSync(octets) : octets
}

/** Every captured message, as received. */
export function captures(): { file: string; wire: Uint8Array }[] {
  const found: { file: string; wire: Uint8Array }[] = []
  for (const file of readdirSync(join(folder ?? '', 'real-data', 'zonemaster-captures'))) {
    if (!file.endsWith('.gz')) continue
    for (const [, base64] of real(`zonemaster-captures/${file}`)
      .toString('latin1')
      .matchAll(/"data":"([A-Za-z0-9+/=]+)"/g)) {
      found.push({ file, wire: Uint8Array.from(Buffer.from(base64, 'base64')) })
    }
  }
  return found
}
