// The few globals of the web platform that sealed code may use: pure functions of their arguments.
declare class TextEncoder { encode(text?: string): Uint8Array<ArrayBuffer>; }
declare class TextDecoder {
  constructor(label?: string, options?: { fatal?: boolean; ignoreBOM?: boolean });
  decode(bytes?: Uint8Array, options?: { stream?: boolean }): string;
}
/** How work that takes long is given up; whoever aborts is outside. */
declare class AbortSignal {
  readonly aborted: boolean;
  addEventListener(type: 'abort', listener: () => void, options?: { once?: boolean }): void;
  removeEventListener(type: 'abort', listener: () => void): void;
}
declare class AbortController {
  readonly signal: AbortSignal;
  abort(): void;
}
declare function structuredClone<T>(value: T): T;
