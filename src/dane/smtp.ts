// The few words of SMTP before mail: greeting, EHLO, STARTTLS, QUIT (RFC 5321 3.1, 4.2; RFC 3207 4).
import type { Socket } from 'node:net'

export interface Reply {
  readonly code: number
  readonly lines: readonly string[]
}

export class SmtpError extends Error {
  override readonly name = 'SmtpError'
  constructor(
    message: string,
    readonly reply?: Reply
  ) {
    super(message)
  }
}

/** RFC 5321 4.5.3.1.5 allows 512 octets a line; servers are given more, but not everything. */
const MAX_LINE = 4096
const MAX_LINES = 100

/** A conversation over a socket; let go of before TLS takes the socket over. */
export class SmtpDialog {
  readonly #socket: Socket
  readonly #timeoutMs: number
  #held = ''
  #lines: string[] = []
  #replies: Reply[] = []
  #fault: Error | undefined
  #wake: (() => void) | undefined

  constructor(socket: Socket, timeoutMs: number) {
    this.#socket = socket
    this.#timeoutMs = timeoutMs
    socket.on('data', this.#take)
    socket.on('error', this.#fail)
    socket.on('close', this.#closed)
  }

  /** The server's greeting. SmtpError unless it is welcoming. */
  async greeting(): Promise<Reply> {
    return this.#expect(await this.#next(), 220, 'greeting')
  }

  /** EHLO; the keywords of the extensions, in upper case. HELO, and none, for a server that knows no extensions. */
  async ehlo(name: string): Promise<readonly string[]> {
    const reply = await this.command(`EHLO ${name}`)
    if (reply.code === 250) return reply.lines.slice(1).map((line) => line.trim().toUpperCase())
    this.#expect(await this.command(`HELO ${name}`), 250, 'HELO')
    return []
  }

  /** True when TLS may begin. */
  async startTls(): Promise<boolean> {
    const { code } = await this.command('STARTTLS')
    if (code !== 220) return false
    // RFC 3207 4.2 and 6: what comes in the clear behind the 220 would be read as if it had come over TLS
    if (this.#held !== '' || this.#lines.length > 0 || this.#replies.length > 0)
      throw new SmtpError('the server sent more than its reply to STARTTLS')
    return true
  }

  async command(line: string): Promise<Reply> {
    this.#socket.write(`${line}\r\n`)
    return this.#next()
  }

  /** Leaves the socket to others. */
  release(): void {
    this.#socket.off('data', this.#take)
    this.#socket.off('error', this.#fail)
    this.#socket.off('close', this.#closed)
  }

  #expect(reply: Reply, code: number, to: string): Reply {
    if (reply.code !== code) throw new SmtpError(`${to}: ${reply.code} ${reply.lines.join(' ')}`, reply)
    return reply
  }

  async #next(): Promise<Reply> {
    const end = Date.now() + this.#timeoutMs
    for (;;) {
      const reply = this.#replies.shift()
      if (reply) return reply
      if (this.#fault) throw this.#fault
      const left = end - Date.now()
      if (left <= 0) throw new SmtpError(`no reply within ${this.#timeoutMs} ms`)
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, left)
        this.#wake = () => {
          clearTimeout(timer)
          resolve()
        }
      })
    }
  }

  readonly #take = (chunk: Buffer): void => {
    this.#held += chunk.toString('latin1')
    for (let end = this.#held.indexOf('\n'); end >= 0; end = this.#held.indexOf('\n')) {
      this.#line(this.#held.slice(0, end).replace(/\r$/, ''))
      this.#held = this.#held.slice(end + 1)
    }
    if (this.#held.length > MAX_LINE) this.#fail(new SmtpError('a line without end'))
    this.#wake?.()
  }

  #line(line: string): void {
    const parts = /^(\d{3})(?:([ -])(.*))?$/.exec(line)
    if (!parts || this.#lines.length >= MAX_LINES || line.length > MAX_LINE) {
      this.#fail(new SmtpError('not a reply of SMTP'))
      return
    }
    this.#lines.push(parts[3] ?? '')
    if (parts[2] === '-') return
    this.#replies.push({ code: Number(parts[1]), lines: this.#lines })
    this.#lines = []
  }

  readonly #fail = (error: Error): void => {
    this.#fault ??= error
    this.#wake?.()
  }

  readonly #closed = (): void => this.#fail(new SmtpError('the server closed the connection'))
}
