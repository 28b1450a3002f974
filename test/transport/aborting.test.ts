// One listener a signal, however many wait for it, and none once nobody does.
import { getEventListeners } from 'node:events'
import { describe, expect, it } from 'vitest'
import { onAbort } from '../../src/transport/aborting.js'

const listeners = (signal: AbortSignal): number => getEventListeners(signal, 'abort').length

describe('onAbort', () => {
  it('tells everyone by one listener, which leaves with the last', () => {
    const { signal } = new AbortController()
    const leaving = Array.from({ length: 20 }, () => onAbort(signal, () => {}))
    expect(listeners(signal)).toBe(1)
    for (const leave of leaving) leave()
    expect(listeners(signal)).toBe(0)
    onAbort(signal, () => {})
    expect(listeners(signal)).toBe(1)
  })

  it('calls what has not left, once', () => {
    const controller = new AbortController()
    const called: string[] = []
    const act = () => void called.push('same')
    onAbort(controller.signal, act)
    const leave = onAbort(controller.signal, act)
    const later = onAbort(controller.signal, () => void called.push('left'))
    later()
    controller.abort()
    leave()
    expect(called).toEqual(['same', 'same'])
    expect(listeners(controller.signal)).toBe(0)
  })
})
