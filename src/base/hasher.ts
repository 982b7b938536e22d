/** SHA-256, as a port because sealed code has no crypto. */
export interface Hasher {
  /** Lower-case hex of the SHA-256 of the bytes. */
  sha256(bytes: Uint8Array): string;
}
