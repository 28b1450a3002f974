// IP addresses as name servers have them: from A and AAAA rdata to text, and which of them must not be asked when they were
// learned from the DNS, because they lead into the asker's own networks or nowhere (IANA special-purpose registries, RFC 6890).

import { BlockList, isIPv4, isIPv6 } from 'node:net'
import { ipv4ToText, ipv6ToText } from '../wire/address-text.js'

const SPECIAL_IPV4 = [
  ['0.0.0.0', 8], // this network, unspecified
  ['10.0.0.0', 8],
  ['100.64.0.0', 10], // shared address space
  ['127.0.0.0', 8], // loopback
  ['169.254.0.0', 16], // link-local
  ['172.16.0.0', 12],
  ['192.0.0.0', 24], // protocol assignments
  ['192.0.2.0', 24], // documentation
  ['192.88.99.0', 24], // 6to4 relays
  ['192.168.0.0', 16],
  ['198.18.0.0', 15], // benchmarks
  ['198.51.100.0', 24], // documentation
  ['203.0.113.0', 24], // documentation
  ['224.0.0.0', 4], // multicast
  ['240.0.0.0', 4] // reserved, broadcast
] as const

const SPECIAL_IPV6 = [
  ['::', 96], // unspecified, loopback, IPv4-compatible
  ['::ffff:0:0', 96], // IPv4-mapped
  ['64:ff9b::', 96], // NAT64: holds an IPv4 address that the checks above would not see
  ['64:ff9b:1::', 48],
  ['100::', 64], // discard
  ['2001::', 32], // Teredo: holds an IPv4 address
  ['2001:2::', 48], // benchmarks
  ['2001:10::', 28], // ORCHID
  ['2001:db8::', 32], // documentation
  ['2002::', 16], // 6to4: holds an IPv4 address
  ['3fff::', 20], // documentation
  ['5f00::', 16], // segment routing
  ['fc00::', 7], // unique local
  ['fe80::', 10], // link-local
  ['fec0::', 10], // site-local
  ['ff00::', 8] // multicast
] as const

// One list a family: a list with an IPv4-mapped subnet of IPv6 would cover every IPv4 address.
const specialIPv4 = new BlockList()
const specialIPv6 = new BlockList()
for (const [net, prefix] of SPECIAL_IPV4) specialIPv4.addSubnet(net, prefix, 'ipv4')
for (const [net, prefix] of SPECIAL_IPV6) specialIPv6.addSubnet(net, prefix, 'ipv6')

/** Loopback, private, link-local, documentation, multicast and the like; text that is no address counts as such. */
export function isSpecial(address: string): boolean {
  if (isIPv4(address)) return specialIPv4.check(address, 'ipv4')
  return !isIPv6(address) || specialIPv6.check(address, 'ipv6')
}

/** The rdata of an A or AAAA record as text; undefined for any other length. */
export function addressText(rdata: Uint8Array): string | undefined {
  if (rdata.length === 4) return ipv4ToText(rdata)
  return rdata.length === 16 ? ipv6ToText(rdata) : undefined
}
