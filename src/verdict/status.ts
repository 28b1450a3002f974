// The four security statuses of RFC 4035 4.3 and their ranking: a chain of aliases is as strong as its weakest link.

export type SecurityStatus = 'secure' | 'insecure' | 'bogus' | 'indeterminate'

const RANK: Record<SecurityStatus, number> = { bogus: 0, indeterminate: 1, insecure: 2, secure: 3 }

/** The weakest of the statuses; `secure` for none, so callers must hold at least one verdict. */
export function weakest(...statuses: readonly SecurityStatus[]): SecurityStatus {
  return statuses.reduce<SecurityStatus>((worst, status) => (RANK[status] < RANK[worst] ? status : worst), 'secure')
}
