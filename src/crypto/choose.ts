// Which backend answers: native where it works, noble for the rest, or an own one in front of noble.
// Whatever answers, the common gate is applied first and only `true` counts as true.
import type { CryptoBackend } from './backend.js'
import { digestLength } from './digests.js'
import { admits } from './gate.js'
import { createNativeBackend } from './native.js'
import { nobleBackend } from './noble.js'

/**
 * 'auto' (and undefined): native for each algorithm it supports on this machine, noble for the others. 'noble',
 * 'native': that one alone. An own backend is asked first for the algorithms it supports, noble for the others.
 * A backend that throws passes the check to the next. Throws RangeError for an unknown name and TypeError for an object
 * that is no backend.
 */
export function chooseBackend(choice: 'auto' | 'noble' | 'native' | CryptoBackend | undefined): CryptoBackend {
  if (choice === undefined || choice === 'auto') return inTurn('auto', [sharedNative(), nobleBackend])
  if (choice === 'noble') return nobleBackend
  if (choice === 'native') return sharedNative()
  if (typeof choice === 'string') throw new RangeError(`crypto is 'auto', 'noble', 'native' or a backend, not '${choice}'`)
  assertBackend(choice)
  return inTurn(choice.name, [gated(choice), nobleBackend])
}

let native: CryptoBackend | undefined

/** One for the process: its self-tests and imported keys are worth sharing. */
function sharedNative(): CryptoBackend {
  native ??= createNativeBackend()
  return native
}

/** The backends of the house ask at the gate themselves. */
const gated = (backend: CryptoBackend): CryptoBackend => ({
  name: backend.name,
  supports: (algorithm) => backend.supports(algorithm),
  verify: (algorithm, publicKey, data, signature) =>
    admits(algorithm, publicKey, signature) && backend.verify(algorithm, publicKey, data, signature),
  digest: (type, data) => backend.digest(type, data),
  nsec3Hash: (name, salt, iterations) => backend.nsec3Hash(name, salt, iterations)
})

/** The first that supports an algorithm checks it; the next one does when that throws; nobody left means false. */
function inTurn(name: string, backends: readonly CryptoBackend[]): CryptoBackend {
  return {
    name,
    supports: (algorithm) => backends.some((backend) => attempt(() => backend.supports(algorithm)) === true),
    verify(algorithm, publicKey, data, signature) {
      for (const backend of backends) {
        if (attempt(() => backend.supports(algorithm)) !== true) continue
        const holds = attempt(() => backend.verify(algorithm, publicKey, data, signature))
        if (typeof holds === 'boolean') return holds // a promise or any other value counts as no answer
      }
      return false
    },
    digest(type, data) {
      for (const backend of backends) {
        const digest = attempt(() => backend.digest(type, data))
        if (digest instanceof Uint8Array && digest.length === digestLength(type)) return digest
      }
      return undefined
    },
    nsec3Hash(owner, salt, iterations) {
      for (const backend of backends.slice(0, -1)) {
        const hash = attempt(() => backend.nsec3Hash(owner, salt, iterations))
        if (hash instanceof Uint8Array && hash.length === 20) return hash
      }
      return nobleBackend.nsec3Hash(owner, salt, iterations)
    }
  }
}

/** The value, or undefined when it throws. */
function attempt<T>(ask: () => T): T | undefined {
  try {
    return ask()
  } catch {
    return undefined
  }
}

function assertBackend(choice: CryptoBackend): void {
  if (typeof choice !== 'object' || choice === null) {
    throw new TypeError(`crypto is 'auto', 'noble', 'native' or a backend, not ${String(choice)}`)
  }
  if (typeof choice.name !== 'string') throw new TypeError('a crypto backend has a name')
  for (const method of ['supports', 'verify', 'digest', 'nsec3Hash'] as const) {
    if (typeof choice[method] !== 'function') throw new TypeError(`a crypto backend has the method ${method}`)
  }
}
