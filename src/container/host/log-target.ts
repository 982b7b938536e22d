import type { LogRecord } from './log.ts';

/** Where the records of a log are sent on to. */
export type LogTarget =
  | { readonly kind: 'journald'; readonly fields: Readonly<Record<string, string>> }
  | {
      readonly kind: 'syslog';
      readonly address: SyslogAddress;
      /** RFC 5424, section 6.2.1. */
      readonly facility: number;
      readonly format: 'local' | 'rfc3164' | 'rfc5424' | 'rfc5424micro';
      readonly hostname: string;
      readonly tag: string;
    };

export type SyslogAddress =
  /** The machine's own, wherever it listens. */
  | { readonly kind: 'local' }
  | { readonly kind: 'unix' | 'unixgram'; readonly path: string }
  | { readonly kind: 'tcp' | 'udp'; readonly host: string; readonly port: number }
  | { readonly kind: 'tls'; readonly host: string; readonly port: number; readonly caFile: string; readonly certFile: string; readonly keyFile: string; readonly isUnverified: boolean };

/** RFC 5424, section 6.2.1: what goes to stderr is an error, the rest information. */
const SEVERITY = { 1: 6, 2: 3 } as const;
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];
const NEWLINE = 0x0a;

/** The record's text without its line break. */
function textOf({ bytes }: LogRecord): string {
  return new TextDecoder().decode(bytes.at(-1) === NEWLINE ? bytes.subarray(0, -1) : bytes);
}

/** `Nov  6 01:02:03`, RFC 3164, section 4.1.2; in UTC, which the records are in. */
function oldTime(iso: string): string {
  return `${MONTHS[Number(iso.slice(5, 7)) - 1]} ${String(Number(iso.slice(8, 10))).padStart(2, ' ')} ${iso.slice(11, 19)}`;
}

/** One message of syslog, without a frame. */
export function syslogMessage(target: Extract<LogTarget, { kind: 'syslog' }>, record: LogRecord, pid: number): string {
  const { facility, format, hostname, tag } = target;
  const priority = `<${facility * 8 + SEVERITY[record.stream]}>`;
  const iso = new Date(Number(record.timeNs / 1_000_000n)).toISOString();
  const text = textOf(record);
  switch (format) {
    case 'local': return `${priority}${oldTime(iso)} ${tag}[${pid}]: ${text}`;
    case 'rfc3164': return `${priority}${oldTime(iso)} ${hostname} ${tag}[${pid}]: ${text}`;
    default: {
      const micro = String((record.timeNs % 1_000_000_000n) / 1000n).padStart(6, '0');
      const time = format === 'rfc5424' ? `${iso.slice(0, 19)}Z` : `${iso.slice(0, 19)}.${micro}Z`;
      return `${priority}1 ${time} ${hostname} ${tag} ${pid} ${tag} - ${text}`;
    }
  }
}

/** systemd's native protocol: `NAME=value` lines, and a length before a value that has line breaks of its own. */
export function journalMessage(fields: Readonly<Record<string, string>>, record: LogRecord): Uint8Array {
  const encoder = new TextEncoder();
  const partial = record.bytes.at(-1) === NEWLINE ? {} : { CONTAINER_PARTIAL_MESSAGE: 'true' };
  const micros = record.timeNs / 1000n;
  const all = Object.entries({ ...fields, ...partial, PRIORITY: String(SEVERITY[record.stream]), SYSLOG_TIMESTAMP: new Date(Number(micros / 1000n)).toISOString(), MESSAGE: textOf(record) });
  const pieces = all.map(([name, value]) => {
    if (!value.includes('\n')) return encoder.encode(`${name}=${value}\n`);
    const [head, body] = [encoder.encode(`${name}\n`), encoder.encode(`${value}\n`)];
    const piece = new Uint8Array(head.length + 8 + body.length);
    piece.set(head);
    new DataView(piece.buffer).setBigUint64(head.length, BigInt(body.length - 1), true);
    piece.set(body, head.length + 8);
    return piece;
  });
  const message = new Uint8Array(pieces.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const piece of pieces) {
    message.set(piece, at);
    at += piece.length;
  }
  return message;
}
