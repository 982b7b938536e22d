import { connect as connectSocket, isIP, type Socket } from 'node:net';
import { GantryError, messageOf } from '#base/error.ts';
import type { DaemonAddress } from './address.ts';

/** Paths of PEM files; undefined for a connection without TLS. */
export interface TlsFiles {
  readonly ca: string;
  readonly cert: string;
  readonly key: string;
  /** Whether the server's certificate must be good. */
  readonly verify: boolean;
}

/** Nobody answers at the address. */
export class ConnectionError extends GantryError {
  readonly code: string;

  constructor(message: string, code: string, cause: unknown) {
    super('unavailable', message, { cause });
    this.code = code;
  }
}

/** A connected socket whose two directions close one by one, as attach needs. Throws {@link ConnectionError}. */
export async function connect(address: DaemonAddress, tls: TlsFiles | undefined): Promise<Socket> {
  const socket = address.kind === 'unix'
    ? connectSocket({ path: address.path, allowHalfOpen: true })
    : tls === undefined
      ? connectSocket({ host: address.host, port: address.port, allowHalfOpen: true, noDelay: true })
      : await connectTls(address, tls);
  const ready: string = tls !== undefined && address.kind === 'tcp' ? 'secureConnect' : 'connect';
  try {
    await new Promise<void>((resolve, reject) => {
      (socket as NodeJS.EventEmitter).once(ready, resolve);
      socket.once('error', reject);
    });
  } catch (error) {
    throw unreachableDaemon(address, error);
  }
  socket.removeAllListeners('error');
  return socket;
}

async function connectTls(address: DaemonAddress & { readonly kind: 'tcp' }, files: TlsFiles): Promise<Socket> {
  const [{ connect: secure }, { readFile }] = await Promise.all([import('node:tls'), import('node:fs/promises')]);
  const optional = (path: string): Promise<Buffer | undefined> => readFile(path).catch(() => undefined);
  const [ca, cert, key] = await Promise.all([files.verify ? readFile(files.ca) : optional(files.ca), optional(files.cert), optional(files.key)]);
  // The types of TLS leave out the option of the socket below, which it takes all the same.
  const halfOpen: object = { allowHalfOpen: true };
  return secure({
    ...halfOpen,
    host: address.host,
    port: address.port,
    // TLS names no addresses (RFC 6066, section 3); the certificate is still checked against the host.
    ...(isIP(address.host) === 0 ? { servername: address.host } : {}),
    rejectUnauthorized: files.verify,
    ...(ca === undefined ? {} : { ca }),
    ...(cert === undefined ? {} : { cert }),
    ...(key === undefined ? {} : { key }),
  });
}

function unreachableDaemon(address: DaemonAddress, error: unknown): ConnectionError {
  const code = (error as NodeJS.ErrnoException).code ?? '';
  if (code === 'EACCES') {
    const message = `permission denied while trying to connect to the Gantry daemon at ${address.text}: ask its owner to let you use the socket, or run the command as root`;
    return new ConnectionError(message, code, error);
  }
  const refused = ['ENOENT', 'ECONNREFUSED', 'ENOTSOCK'].includes(code);
  const why = refused ? 'start it with `gantry daemon`' : messageOf(error);
  return new ConnectionError(`Cannot connect to the Gantry daemon at ${address.text}: ${why}`, code, error);
}
