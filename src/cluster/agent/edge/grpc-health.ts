import { connect } from 'node:http2';
import type { ProbeOutcome } from '../node-port.ts';

const SERVING = 1;
/** A status is a few bytes. */
const LARGEST_ANSWER = 4096;

export interface HealthQuestion {
  readonly address: string;
  readonly port: number;
  /** Empty: the server as a whole. */
  readonly service: string;
  readonly timeoutMs: number;
}

/** `grpc.health.v1.Health/Check` (grpc, doc/health-checking.md), without TLS, as a kubelet asks it. */
export function grpcHealth({ address, port, service, timeoutMs }: HealthQuestion): Promise<ProbeOutcome> {
  return new Promise((resolve) => {
    const session = connect(`http://${address.includes(':') ? `[${address}]` : address}:${port}`);
    const timer = setTimeout(() => end({ ok: false, message: `timeout: failed to connect service "${address}:${port}" within ${timeoutMs / 1000}s` }), timeoutMs);
    const end = (outcome: ProbeOutcome): void => {
      clearTimeout(timer);
      session.destroy();
      resolve(outcome);
    };
    const failed = (thrown: Error): void => end({ ok: false, message: `failed to connect service "${address}:${port}": ${thrown.cause instanceof Error ? thrown.cause.message : thrown.message}` });
    session.on('error', failed);
    const stream = session.request({ ':method': 'POST', ':path': '/grpc.health.v1.Health/Check', 'content-type': 'application/grpc', te: 'trailers', 'user-agent': 'kube-probe/1.36' });
    const pieces: Buffer[] = [];
    let size = 0;
    let status = '';
    const take = (headers: Readonly<Record<string, unknown>>): void => { status = typeof headers['grpc-status'] === 'string' ? headers['grpc-status'] : status; };
    stream.on('response', take).on('trailers', take).on('data', (piece: Buffer) => {
      size += piece.length;
      if (size > LARGEST_ANSWER) end({ ok: false, message: 'the answer is longer than a status' });
      else pieces.push(piece);
    });
    stream.on('error', failed);
    stream.on('close', () => end(outcomeOf(status, Buffer.concat(pieces), service)));
    stream.end(question(service));
  });
}

/** `HealthCheckRequest`: field 1 is the service; in a frame of gRPC, which is a flag and a length. */
function question(service: string): Buffer {
  const name = Buffer.from(service);
  // A varint, as names may be longer than 127 bytes.
  const length = name.length < 128 ? [name.length] : [(name.length & 0x7f) | 0x80, name.length >> 7];
  const message = service === '' ? Buffer.alloc(0) : Buffer.concat([Buffer.from([0x0a, ...length]), name]);
  const head = Buffer.alloc(5);
  head.writeUInt32BE(message.length, 1);
  return Buffer.concat([head, message]);
}

function outcomeOf(status: string, answer: Buffer, service: string): ProbeOutcome {
  const about = service === '' ? 'the server' : `service ${JSON.stringify(service)}`;
  if (status !== '0') return { ok: false, message: `the health of ${about} could not be asked: status ${status === '' ? 'unknown' : status}` };
  // `HealthCheckResponse`: field 1 is the status; zero, which is unknown, may be left out.
  const serving = answer[5] === 0x08 ? answer[6] : 0;
  return serving === SERVING ? { ok: true, message: '' } : { ok: false, message: `${about} responded with status ${serving}, which is not SERVING` };
}
