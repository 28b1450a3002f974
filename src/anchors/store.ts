// Where the RFC 5011 state is kept between runs: the interface of a store, and the one in memory.

/** Both methods may be asynchronous or not. What they throw reaches whoever asked, and no anchor is taken in its place. */
export interface AnchorStore {
  /** the text of an earlier save, plain DS and DNSKEY lines for a first start, or a file that Unbound keeps; undefined when there is none */
  load(): string | undefined | Promise<string | undefined>
  save(text: string): void | Promise<void>
}

/** The state could not be read or kept; the message says which file and why. */
export class AnchorStoreError extends Error {
  override readonly name = 'AnchorStoreError'
}

/** Lives as long as the process: the next one starts from the configured anchors. */
export function memoryAnchorStore(text?: string): AnchorStore {
  let kept = text
  return {
    load: () => kept,
    save: (next) => {
      kept = next
    }
  }
}
