// The decisions of a trace in words, one line each; the tree, the page and the picture say them alike.

import { algorithmMnemonic } from '../crypto/algorithms.js'
import { REASONS } from '../verdict/reason.js'
import type { DenialEvent, DsEvent, KeyStory, ServerStory, SignatureEvent } from './story.js'

const DAY = 86_400

/** @param now ms since the epoch */
export function daysLeft(expiration: number, now: number): string {
  const seconds = expiration - Math.floor(now / 1000)
  const days = Math.floor(Math.abs(seconds) / DAY)
  const span = days > 0 ? `${days} day${days === 1 ? '' : 's'}` : `${Math.floor(Math.abs(seconds) / 3600)} h`
  return seconds >= 0 ? `${span} left` : `expired ${span} ago`
}

export const dayText = (seconds: number): string => new Date(seconds * 1000).toISOString().slice(0, 10)

export function signatureWords(one: SignatureEvent, now: number): string {
  const by = `RRSIG by ${one.signer}/${one.keyTag} (${one.algorithm})`
  if (one.holds) return `${by} holds, ${dayText(one.inception)} to ${dayText(one.expiration)}, ${daysLeft(one.expiration, now)}`
  return `${by} does not hold: ${kindWords(one.why)}, ${dayText(one.inception)} to ${dayText(one.expiration)}`
}

export function dsWords(one: DsEvent): string {
  const ds = `DS ${one.keyTag} (${one.algorithm}, ${one.digestType})`
  return one.matches ? `${ds} matches the key` : `${ds} does not match: ${kindWords(one.why)}`
}

export function keyWords(one: KeyStory): string {
  const size = one.bits === undefined ? '' : `, ${one.bits} bits`
  const named = one.named === 'anchor' ? 'named by the trust anchor, ' : one.named === 'ds' ? 'named by the DS, ' : ''
  const state = one.revoked ? 'revoked' : `${named}${one.trusted ? 'trusted' : 'not trusted'}`
  return `DNSKEY ${one.keyTag} ${one.role} (${algorithmMnemonic(one.algorithm)}${size}) ${state}`
}

const PROVES: Readonly<Record<string, string>> = {
  nxdomain: 'the name does not exist',
  nodata: 'the name has no such data',
  'insecure-delegation': 'the delegation has no DS',
  wildcard: 'no closer name exists, so the wildcard was the right one'
}

export function denialWords(one: DenialEvent): string {
  const at = `${one.owner} ${one.type}`
  if (one.proves === undefined) return `no proof for ${at}: ${one.why ?? 'the records prove nothing'} (${one.rule})`
  const parts = [
    one.closestEncloser !== undefined && `closest encloser ${one.closestEncloser}`,
    one.nextCloser !== undefined && `next closer name ${one.nextCloser}`,
    one.optOut && 'Opt-Out, so an unsigned delegation may hide there'
  ].filter(Boolean)
  const detail = parts.length > 0 ? `; ${parts.join(', ')}` : ''
  return `${one.by?.toUpperCase()} of ${one.zone}: ${PROVES[one.proves] ?? one.proves}, ${at}${detail} (${one.rule})`
}

export function serverWords(one: ServerStory): string {
  const trouble = one.trouble.length > 0 ? `: ${one.trouble.join('; ')}` : ''
  return `${one.server} ${one.protocol}, ${one.exchanges} exchange${one.exchanges === 1 ? '' : 's'}, ${one.ms} ms${trouble}`
}

const KIND_WORDS: Readonly<Record<string, string>> = {
  signatureWrong: 'it does not match the data',
  signatureExpired: 'it has expired',
  signatureNotYetValid: 'it is not yet valid',
  signatureExpiredBeforeValid: 'it ends before it begins',
  keyMissing: 'no trusted key has its tag and algorithm',
  keyUnusable: 'its key or algorithm cannot be used',
  signatureUnsupported: 'its algorithm is not supported',
  signerWrong: 'its signer is not the zone',
  labelsWrong: 'its label count does not fit',
  zoneKeyBitClear: 'its key lacks the Zone Key bit',
  keyRevoked: 'its key is revoked',
  dsNoMatch: 'no key has this tag, algorithm and digest',
  limitReached: 'the limit on checks was reached'
}

export function kindWords(kind: string | undefined): string {
  if (kind === undefined) return 'no reason was told'
  const row = REASONS[kind as keyof typeof REASONS]
  return KIND_WORDS[kind] ?? (row ? `${kind} (${row.rule})` : kind)
}
