import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { Agent, request } from 'node:https';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { parse } from 'yaml';
import { startDaemon } from './peers/daemon.ts';

/** A cluster whose API is asked by whoever has the administrator's kubeconfig. */
export interface BenchCluster {
  readonly name: string;
  /** The answer's body, whatever its code. */
  call(method: string, path: string, body?: object): Promise<{ readonly code: number; readonly body: Buffer }>;
  /** Settles when the watch has begun; tells of each piece of it. */
  watch(path: string, onPiece: (text: string) => void): Promise<{ readonly close: () => void }>;
  stop(): Promise<void>;
}

interface Kubeconfig {
  readonly clusters: readonly [{ readonly cluster: { readonly server: string; readonly 'certificate-authority-data': string } }];
  readonly users: readonly [{ readonly user: { readonly 'client-certificate-data': string; readonly 'client-key-data': string } }];
}

const CONNECTIONS = 64;

/** @param store as `--store` takes it */
export async function startCluster(checkout: string, { name, state, store }: { readonly name: string; readonly state: string; readonly store: string }): Promise<BenchCluster> {
  const socket = join(state, `${name}.sock`);
  const kubeconfig = join(state, `${name}.yaml`);
  const launcher = join(checkout, 'gantry');
  const daemon = await startDaemon([launcher, 'daemon', '--host', `unix://${socket}`, '--root', join(state, `${name}-root`), '--run', join(state, `${name}-run`)], socket, join(state, `${name}.log`));
  const gantry = (...args: readonly string[]): Promise<unknown> => promisify(execFile)(launcher, ['--host', `unix://${socket}`, ...args]);
  const end = async (): Promise<void> => {
    await gantry('cluster', 'down').catch(() => undefined);
    await daemon.stop();
  };
  try {
    await gantry('cluster', 'up', '--port', '0', '--kubeconfig', kubeconfig, '--store', store, '--eviction-hard', 'none');
  } catch (thrown) {
    await end();
    throw thrown;
  }
  const { clusters: [{ cluster }], users: [{ user }] } = parse(readFileSync(kubeconfig, 'utf8')) as Kubeconfig;
  const { hostname, port } = new URL(cluster.server);
  const pem = (text: string): Buffer => Buffer.from(text, 'base64');
  const access = { hostname, port, ca: pem(cluster['certificate-authority-data']), cert: pem(user['client-certificate-data']), key: pem(user['client-key-data']) };
  const agent = new Agent({ keepAlive: true, maxSockets: CONNECTIONS });
  return {
    name,
    call: (method, path, body) => new Promise((resolve, reject) => {
      const text = body === undefined ? undefined : JSON.stringify(body);
      const asking = request({ ...access, agent, method, path, headers: text === undefined ? {} : { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) } }, (answer) => {
        const pieces: Buffer[] = [];
        answer.on('data', (piece: Buffer) => pieces.push(piece));
        answer.on('end', () => resolve({ code: answer.statusCode ?? 0, body: Buffer.concat(pieces) }));
        answer.on('error', reject);
      });
      asking.on('error', reject).end(text);
    }),
    watch: (path, onPiece) => new Promise((resolve, reject) => {
      const asking = request({ ...access, agent: false, path }, (answer) => {
        answer.setEncoding('utf8').on('data', onPiece).on('error', () => undefined);
        resolve({ close: () => asking.destroy() });
      });
      asking.on('error', reject).end();
    }),
    stop: async () => {
      agent.destroy();
      await end();
    },
  };
}
