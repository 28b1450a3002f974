// The resolver of the recipes: its root and its forwarder are the test's.
import { createResolver } from 'dnssec-resolver'

let resolver

export function resolverFor({ anchors, forwarder }) {
  resolver ??= createResolver({ trustAnchors: anchors, forwarders: [forwarder] })
  return resolver
}
