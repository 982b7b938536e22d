import type { Json, JsonObject } from '#base/json.ts';

// Channels of the sub-protocols `v4.channel.k8s.io` and `v5.channel.k8s.io`: the first byte of a message names one
// (apimachinery, pkg/util/remotecommand).
export const CHANNEL = { stdin: 0, stdout: 1, stderr: 2, error: 3, resize: 4, close: 255 } as const;
/** Those that are spoken here, the better one first. The fifth has a way to end stdin; those without a number say in plain words how it went wrong, and nothing of how it went well. */
const PROTOCOLS: readonly string[] = ['v5.channel.k8s.io', 'v4.channel.k8s.io', 'v4.base64.channel.k8s.io', 'channel.k8s.io', 'base64.channel.k8s.io'];
const ZERO = 0x30;

/** How messages look in a protocol. Who asks for none speaks the first. */
export interface Framing {
  /** A digit for the channel, and base64. */
  readonly isText: boolean;
  readonly hasStatus: boolean;
}

export function framingOf(protocol: string): Framing {
  return { isText: protocol.includes('base64'), hasStatus: /^v\d/.test(protocol) };
}

export type ClientMessage =
  | { readonly kind: 'stdin'; readonly bytes: Uint8Array }
  | { readonly kind: 'stdin-end' }
  | { readonly kind: 'resize'; readonly rows: number; readonly columns: number }
  | { readonly kind: 'nothing' };

export function chooseProtocol(offered: readonly string[]): string | undefined {
  return PROTOCOLS.find((protocol) => offered.includes(protocol));
}

/** The same as the protocol has it. */
export function framed(channel: number, bytes: Uint8Array, { isText }: Framing): Uint8Array | string {
  return isText ? `${channel}${bytes.toBase64()}` : serverMessage(channel, bytes);
}

export function serverMessage(channel: number, bytes: Uint8Array): Uint8Array {
  const message = new Uint8Array(1 + bytes.length);
  message[0] = channel;
  message.set(bytes, 1);
  return message;
}

/** What a client's message says; one that says nothing known is passed over. */
export function readClientMessage(message: Uint8Array, { isText }: Framing): ClientMessage {
  const bytes = isText ? decoded(message.subarray(1)) : message.subarray(1);
  switch (isText ? (message[0] ?? 0) - ZERO : message[0]) {
    case CHANNEL.stdin: return { kind: 'stdin', bytes };
    case CHANNEL.close: return bytes[0] === CHANNEL.stdin ? { kind: 'stdin-end' } : { kind: 'nothing' };
    case CHANNEL.resize: return resizeOf(bytes);
    default: return { kind: 'nothing' };
  }
}

function decoded(text: Uint8Array): Uint8Array {
  try {
    return Uint8Array.fromBase64(new TextDecoder().decode(text));
  } catch {
    return new Uint8Array();
  }
}

function resizeOf(bytes: Uint8Array): ClientMessage {
  const [size] = resizesIn(`${new TextDecoder().decode(bytes)}\n`).sizes;
  return size === undefined ? { kind: 'nothing' } : { kind: 'resize', ...size };
}

export interface TerminalSize {
  readonly rows: number;
  readonly columns: number;
}

/** No size takes more. */
const LONGEST_SIZE = 1024;

/** Sizes of a terminal, one a line, and the beginning of one that has not all come. What is none is passed over. */
export function resizesIn(text: string): { readonly sizes: readonly TerminalSize[]; readonly rest: string } {
  const lines = text.split('\n');
  const rest = lines.pop() ?? '';
  return { sizes: lines.flatMap(sizeOf), rest: rest.length > LONGEST_SIZE ? '' : rest };
}

function sizeOf(line: string): readonly TerminalSize[] {
  try {
    const { Width: columns, Height: rows } = JSON.parse(line) as { readonly Width?: unknown; readonly Height?: unknown };
    return typeof columns === 'number' && typeof rows === 'number' ? [{ rows, columns }] : [];
  } catch {
    return [];
  }
}

/** The last word on the error channel: how the command ended. */
export function exitStatus(exitCode: number): JsonObject {
  if (exitCode === 0) return { metadata: {}, status: 'Success' };
  const causes: Json = [{ reason: 'ExitCode', message: String(exitCode) }];
  return { metadata: {}, status: 'Failure', message: `command terminated with non-zero exit code: exit status ${exitCode}`, reason: 'NonZeroExitCode', details: { causes } };
}
