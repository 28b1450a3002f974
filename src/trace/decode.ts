// A recorded message as text: header, question and records of each section in presentation format.

import type { TraceMessage } from '../verdict/trace.js'
import { fromBase64 } from '../wire/base.js'
import { WireError } from '../wire/cursor.js'
import { extendedErrors } from '../wire/edns.js'
import { type Message, parseMessage } from '../wire/message.js'
import { classToText, rcodeToText, TYPE, typeToText } from '../wire/numbers.js'
import type { Rrset } from '../wire/rrset.js'
import { nameToText, rdataToText, TextError } from '../wire/text.js'

export interface Decoded {
  readonly n: number
  readonly message: Message | undefined
  /** one line: question, RCODE, flags, sizes */
  readonly head: string
  readonly sections: readonly { readonly name: string; readonly lines: readonly string[] }[]
}

export function decodeMessage(recorded: TraceMessage): Decoded {
  const { n, size } = recorded
  let message: Message
  try {
    message = parseMessage(fromBase64(recorded.wire))
  } catch (error) {
    if (!(error instanceof WireError || error instanceof TextError)) throw error
    return { n, message: undefined, head: `${size} octets that are not a DNS message: ${error.message}`, sections: [] }
  }
  const { question, edns } = message
  const flags = (['qr', 'aa', 'tc', 'rd', 'ra', 'ad', 'cd'] as const).filter((flag) => message[flag])
  const asked = question ? `${nameToText(question.name)} ${typeToText(question.type)}` : 'no question'
  const head = `${asked}: ${rcodeToText(message.rcode)}, ${flags.join(' ')}, id ${message.id}, ${size} octets`
  const sections = [
    { name: 'answer', lines: message.answer.flatMap(rrsetLines) },
    { name: 'authority', lines: message.authority.flatMap(rrsetLines) },
    { name: 'additional', lines: message.additional.flatMap(rrsetLines) },
    { name: 'malformed', lines: message.malformed.map((one) => `${nameToText(one.owner)} ${typeToText(one.type)}: ${one.fault}`) },
    {
      name: 'EDNS',
      lines: edns
        ? [
            `version ${edns.version}, ${edns.udpSize} octets, ${edns.dnssecOk ? 'DO' : 'no DO'}`,
            ...extendedErrors(edns).map(({ code, text }) => `extended error ${code} ${JSON.stringify(text)}`)
          ]
        : []
    }
  ]
  return { n, message, head, sections: sections.filter(({ lines }) => lines.length > 0) }
}

export function rrsetLines({ owner, type, class: rrClass, ttl, rdatas, signatures }: Rrset): string[] {
  const head = (ttlOfOne: number, typeOfOne: number): string =>
    `${nameToText(owner)} ${ttlOfOne} ${classToText(rrClass)} ${typeToText(typeOfOne)}`
  return [
    ...rdatas.map((rdata) => `${head(ttl, type)} ${rdataToText(type, rdata)}`),
    ...signatures.map((one) => `${head(one.ttl, TYPE.RRSIG)} ${rdataToText(TYPE.RRSIG, one.rdata)}`)
  ]
}
