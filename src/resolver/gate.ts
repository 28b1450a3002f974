// Back-pressure: at most so many questions are worked on at once, the others wait in order.

export class Gate {
  #running = 0
  readonly #waiting: (() => void)[] = []

  constructor(readonly most: number) {}

  async pass<T>(work: () => Promise<T>): Promise<T> {
    if (this.#running >= this.most) await new Promise<void>((go) => this.#waiting.push(go))
    this.#running++
    try {
      return await work()
    } finally {
      this.#running--
      this.#waiting.shift()?.()
    }
  }
}
