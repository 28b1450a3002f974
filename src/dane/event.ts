// What happens while a destination is tried, one event a step: what `verifyDane` yields and `daneverify` prints.
import type { Reason, SecurityStatus } from '../index.js'
import type { Outcome } from './decide.js'
import type { DanePlan } from './plan.js'
import type { TlsaRecord } from './tlsa.js'
import type { Verdict } from './verdict.js'

export type DaneEvent =
  | { readonly event: 'plan'; readonly domain: string; readonly plan: DanePlan }
  | { readonly event: 'mx'; readonly domain: string; readonly host: string; readonly preference: number; readonly status: SecurityStatus }
  | { readonly event: 'no-mx'; readonly domain: string; readonly status: SecurityStatus }
  | { readonly event: 'null-mx'; readonly domain: string; readonly status: SecurityStatus }
  | { readonly event: 'no-domain'; readonly domain: string; readonly status: SecurityStatus }
  | { readonly event: 'mx-failed'; readonly domain: string; readonly bogus: boolean; readonly reason?: Reason }
  | {
      readonly event: 'address'
      readonly domain: string
      readonly host: string
      readonly type: 'A' | 'AAAA'
      readonly address: string
      readonly status: SecurityStatus
    }
  | {
      readonly event: 'address-failed'
      readonly domain: string
      readonly host: string
      readonly type: string
      readonly bogus: boolean
      readonly reason?: Reason
    }
  | { readonly event: 'no-address'; readonly domain: string; readonly host: string }
  | { readonly event: 'alias'; readonly domain: string; readonly host: string; readonly target: string; readonly status: SecurityStatus }
  | {
      readonly event: 'next-address'
      readonly domain: string
      readonly host: string
      readonly type: 'A' | 'AAAA'
      readonly address: string
    }
  | { readonly event: 'next-host'; readonly domain: string; readonly host: string }
  | { readonly event: 'connecting'; readonly host: string; readonly address: string; readonly port: number }
  | { readonly event: 'connected'; readonly host: string; readonly address: string; readonly port: number; readonly localAddress: string }
  | { readonly event: 'connect-failed'; readonly host: string; readonly address: string; readonly port: number; readonly detail: string }
  | { readonly event: 'tlsa'; readonly domain: string; readonly host: string; readonly status: SecurityStatus; readonly base?: string }
  | { readonly event: 'tlsa-unusable'; readonly domain: string; readonly host: string; readonly record: TlsaRecord }
  | {
      readonly event: 'no-tlsa'
      readonly domain: string
      readonly host: string
      readonly kind: 'NXDOMAIN' | 'NODATA'
      readonly status: SecurityStatus
    }
  | {
      readonly event: 'tlsa-failed'
      readonly domain: string
      readonly host: string
      readonly bogus: boolean
      readonly reason?: Reason
    }
  | { readonly event: 'checking-tls'; readonly host: string; readonly servername: string }
  | { readonly event: 'no-starttls'; readonly host: string; readonly refused: boolean }
  | { readonly event: 'tls-failed'; readonly host: string; readonly detail: string }
  | { readonly event: 'tls'; readonly host: string; readonly protocol: string; readonly cipher: string; readonly standardName?: string }
  | { readonly event: 'verdict'; readonly domain: string; readonly host: string; readonly verdict: Verdict }
  | { readonly event: 'succeeded'; readonly domain: string; readonly host: string; readonly tls: boolean }
  | {
      readonly event: 'result'
      readonly domain: string
      readonly outcome: Outcome
      /** the host that mail would go to, when there is one */
      readonly host?: string
      readonly action: 'deliver' | 'defer' | 'bounce'
      readonly verdict?: Verdict
      readonly detail?: string
    }
