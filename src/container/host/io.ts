/** A container's standard streams while somebody is attached. Bytes pass through untouched. */
export interface ContainerIo {
  /** `stream` is 1 for stdout (and a terminal) and 2 for stderr. Set before anything is read. */
  onOutput(callback: (stream: 1 | 2, bytes: Uint8Array) => void): void;
  /** The container's side has ended, or the connection was lost. Called once, also where that is past. */
  onEnd(callback: () => void): void;
  /** False asks the writer to wait for `onDrain`. */
  write(bytes: Uint8Array): boolean;
  onDrain(callback: () => void): void;
  /** End of the container's standard input, where this connection may end it. */
  endInput(): void;
  /** Holds the output back, and with it the container once its pipes are full. */
  pause(): void;
  resume(): void;
  /** Ends it from our side, without a word to `onEnd`. */
  close(): void;
  /** Ends it from our side, and says so to `onEnd`. */
  abort(): void;
}
