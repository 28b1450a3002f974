// Stub zones: servers given by the user for a zone and what lies below it, authoritative or recursive.

import type { Name } from '../wire/name.js'
import type { Delegation } from './delegation.js'
import type { StubZone } from './run.js'

/** The deepest stub zone at or above the name. */
export function stubFor(name: Name, stubs: readonly StubZone[]): StubZone | undefined {
  let deepest: StubZone | undefined
  for (const stub of stubs) {
    if (name.isAtOrBelow(stub.name) && (!deepest || stub.name.labelCount > deepest.name.labelCount)) deepest = stub
  }
  return deepest
}

/** A stub zone with authoritative servers, as a delegation that never ends and has nothing above it. */
export function delegationOfStub(stub: StubZone): Delegation {
  return { zone: stub.name, nameServers: [], fixed: stub.servers, signed: false, expiresAt: Number.POSITIVE_INFINITY, parent: undefined }
}
