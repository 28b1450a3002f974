// The interface of a crypto backend: bytes in, booleans and digests out.
// Implemented by noble.ts and native.ts, and by whoever hands the resolver an own one.

export interface CryptoBackend {
  /** shown in traces */
  readonly name: string

  /** Whether this backend can check the algorithm on this machine. Asked before `verify`; cheap after the first time. */
  supports(algorithm: number): boolean

  /**
   * Whether `signature`, the signature field of an RRSIG, is one over `data` by `publicKey`, the public key field of a
   * DNSKEY. Never throws and answers at once: `false` for all that does not hold, be it a wrong length, a point off the
   * curve or an algorithm it does not know. It may keep imported keys, within bounds.
   */
  verify(algorithm: number, publicKey: Uint8Array, data: Uint8Array, signature: Uint8Array): boolean

  /** The digest of a DS record over `data` (owner and DNSKEY rdata); undefined when the type is not implemented. */
  digest(type: number, data: Uint8Array): Uint8Array | undefined

  /**
   * RFC 5155 5: IH(salt, name, iterations) with SHA-1, 20 octets. `name` is the owner name in canonical wire form, and
   * `iterations` counts the additional ones. Throws RangeError for iterations outside 0..65535 or a salt over 255 octets.
   */
  nsec3Hash(name: Uint8Array, salt: Uint8Array, iterations: number): Uint8Array
}
