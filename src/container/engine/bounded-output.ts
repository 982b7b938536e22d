/** The first bytes of an output, and a mark where there were more. */
export class BoundedOutput {
  readonly #limit: number;
  readonly #bytes: Uint8Array;
  #size = 0;
  #isCut = false;

  constructor(limit: number) {
    this.#limit = limit;
    this.#bytes = new Uint8Array(limit);
  }

  add(bytes: Uint8Array): void {
    const part = bytes.subarray(0, this.#limit - this.#size);
    this.#bytes.set(part, this.#size);
    this.#size += part.length;
    this.#isCut ||= part.length < bytes.length;
  }

  text(): string {
    return new TextDecoder().decode(this.#bytes.subarray(0, this.#size)) + (this.#isCut ? '...' : '');
  }
}
