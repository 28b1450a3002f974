// Who wants to know when a signal is aborted: one listener a signal, however many share it. Node warns of more than ten, and
// searches them in line.

interface Watched {
  readonly acts: Set<() => void>
  readonly listener: () => void
}

/** What is over leaves, so that no signal stays here. */
const watched = new Map<AbortSignal, Watched>()

/** Calls `act` when the signal, which is not aborted yet, is; gives what takes that back. */
export function onAbort(signal: AbortSignal, act: () => void): () => void {
  const one = (): void => act() // the same function may be given twice
  const known = watched.get(signal) ?? watch(signal)
  known.acts.add(one)
  return () => {
    if (!known.acts.delete(one) || known.acts.size > 0) return
    watched.delete(signal)
    signal.removeEventListener('abort', known.listener)
  }
}

function watch(signal: AbortSignal): Watched {
  const acts = new Set<() => void>()
  const listener = (): void => {
    watched.delete(signal)
    for (const act of acts) act()
  }
  const one = { acts, listener }
  watched.set(signal, one)
  signal.addEventListener('abort', listener, { once: true })
  return one
}
