// What happens to trust anchors, told on a diagnostics channel; what nobody may overlook is a warning of the process as well.
import diagnostics from 'node:diagnostics_channel'
import { type Alarm, type AlarmKind, alarmOf } from '../anchors/alarm.js'
import type { AnchorEventKind, TrustPoint } from '../anchors/rfc5011.js'
import { nameToText } from '../wire/text.js'

/** The channel of `node:diagnostics_channel` on which every resolver of the process tells its AnchorNotices. */
export const ANCHOR_CHANNEL = 'dnssec-resolver:anchors'

/** Times are ms since the epoch by the clock of the resolver; `zone` is in presentation format. */
export type AnchorNotice =
  | {
      readonly event: 'probe'
      readonly zone: string
      readonly at: number
      /** `validated`: a trusted key signed the set; `not-validated`: none did; `no-reply`: there was no set */
      readonly result: 'validated' | 'not-validated' | 'no-reply'
      readonly changes: readonly { readonly kind: AnchorEventKind; readonly keyTag?: number }[]
      /** probes in a row that gave no validated set */
      readonly failures: number
      readonly nextProbe: number
      readonly detail?: string
    }
  | { readonly event: 'alarm'; readonly zone: string; readonly at: number; readonly alarm: AlarmKind; readonly text: string }
  | { readonly event: 'recovered'; readonly zone: string; readonly at: number; readonly alarm: AlarmKind }
  | { readonly event: 'store'; readonly at: number; readonly failed: 'load' | 'save'; readonly text: string }

const channel = diagnostics.channel(ANCHOR_CHANNEL)

export function tell(notice: AnchorNotice): void {
  if (channel.hasSubscribers) channel.publish(notice)
}

/** Tells an alarm when it arises and when it is over, and repeats it not in between. */
export class AlarmBell {
  readonly #ringing = new Map<string, Alarm>()

  watch(points: readonly TrustPoint[], now: number): void {
    for (const point of points) {
      const zone = nameToText(point.zone)
      const before = this.#ringing.get(zone)
      const alarm = alarmOf(point, now)
      if (alarm?.kind === before?.kind) continue
      if (before) {
        this.#ringing.delete(zone)
        tell({ event: 'recovered', zone, at: now, alarm: before.kind })
      }
      if (!alarm) continue
      this.#ringing.set(zone, alarm)
      tell({ event: 'alarm', zone, at: now, alarm: alarm.kind, text: alarm.text })
      process.emitWarning(alarm.text, { type: 'TrustAnchorWarning', code: `TRUST_ANCHOR_${alarm.kind.toUpperCase()}` })
    }
  }
}
