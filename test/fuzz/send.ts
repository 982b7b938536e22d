import { connect, type Socket } from 'node:net';
import type { FuzzRequest } from './request.ts';

export interface Outcome {
  /** Nothing where the connection ended, or was ended by us, before a status line. */
  readonly status: number | undefined;
  readonly body: string;
  readonly tookMs: number;
  /** A good client waited in vain. */
  readonly hung: boolean;
}

const PATIENCE_MS = 20_000;
/** Answers that go on for as long as their client wants. */
const ENDLESS = /^(GET \/events|POST \/containers\/\{id\}\/(attach|wait)|GET \/containers\/\{id\}\/(attach\/ws|logs|stats)|POST \/exec\/\{id\}\/start|POST \/session)/;
const ENDLESS_MS = 120;
const LARGEST = 1 << 20;

/** One request on a connection of its own, byte by byte: HTTP clients would not send such lines. */
export function send(socketPath: string, { operation, method, target, headers, body, manner }: FuzzRequest): Promise<Outcome> {
  const started = performance.now();
  const lines = [`${method} ${target} HTTP/1.1`, 'Host: fuzz', ...(headers['Connection'] === undefined ? ['Connection: close'] : []), ...Object.entries(headers).map(([name, value]) => `${name}: ${value}`)];
  if (body !== undefined) lines.push(`Content-Length: ${body.length + (manner === 'truncated' ? 1000 : 0)}`);
  const whole = Buffer.concat([Buffer.from(`${lines.join('\r\n')}\r\n\r\n`, 'latin1'), body ?? Buffer.alloc(0)]);
  return new Promise((resolve) => {
    let heard = '';
    let isOver = false;
    const socket = connect(socketPath);
    const end = (hung = false): void => {
      if (isOver) return;
      isOver = true;
      clearTimeout(timer);
      socket.destroy();
      resolve({ status: statusOf(heard), body: bodyOf(heard), tookMs: performance.now() - started, hung });
    };
    const patience = manner === 'good' ? (ENDLESS.test(operation) ? ENDLESS_MS : PATIENCE_MS) : 60 + (whole.length % 100);
    const timer = setTimeout(() => end(patience === PATIENCE_MS), patience);
    socket.on('data', (data) => {
      if (heard.length < LARGEST) heard += data.toString('latin1');
      if (manner === 'reads slowly') socket.pause();
      // A connection that asked for an upgrade and got none stays open.
      else if (isWhole(heard, method)) end();
    }).on('error', () => end()).on('close', () => end());
    socket.once('connect', () => write(socket, whole, manner, end));
  });
}

function write(socket: Socket, whole: Buffer, manner: FuzzRequest['manner'], end: () => void): void {
  if (manner === 'half') socket.write(whole.subarray(0, whole.length >> 1));
  else if (manner === 'vanishes') socket.write(whole, () => end());
  else if (manner === 'dribbles') {
    const step = Math.max(1, Math.ceil(whole.length / 8));
    const next = (at: number): void => {
      if (at >= whole.length || socket.destroyed) return;
      socket.write(whole.subarray(at, at + step), () => setTimeout(next, 5, at + step));
    };
    next(0);
  } else socket.write(whole);
}

/** Whether the answer has come in full, where its head says how much that is. */
function isWhole(heard: string, method: string): boolean {
  const at = heard.indexOf('\r\n\r\n');
  if (at < 0) return false;
  const head = heard.slice(0, at);
  if (method === 'HEAD' || /^HTTP\/1\.[01] (204|304)/.test(head)) return true;
  if (/^transfer-encoding: chunked/im.test(head)) return heard.endsWith('0\r\n\r\n');
  const length = /^content-length: (\d+)/im.exec(head)?.[1];
  return length !== undefined && heard.length - at - 4 >= Number(length);
}

function statusOf(heard: string): number | undefined {
  const status = /^HTTP\/1\.[01] (\d{3})/.exec(heard)?.[1];
  return status === undefined ? undefined : Number(status);
}

function bodyOf(heard: string): string {
  const at = heard.indexOf('\r\n\r\n');
  return at < 0 ? '' : Buffer.from(heard.slice(at + 4), 'latin1').toString('utf8');
}
