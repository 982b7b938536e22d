import { isTrue, type ApiRequest, type ApiResponse } from './api-request.ts';
import type { ObjectStore } from './object-store.ts';

type Check = (objects: ObjectStore) => Promise<unknown>;

const PING: readonly [string, Check] = ['ping', () => Promise.resolve()];
/** Upstream's name of it, whatever store there is. */
const STORE: readonly [string, Check] = ['etcd', (objects) => objects.revision()];
/** To start anew mends no store. */
const CHECKS: ReadonlyMap<string, readonly (readonly [string, Check])[]> = new Map([['healthz', [PING, STORE]], ['readyz', [PING, STORE]], ['livez', [PING]]]);

/** `/healthz`, `/livez`, `/readyz`, and one check of them as `/readyz/etcd` (kubernetes.io, "Kubernetes API health endpoints"). Undefined for what is none of them. */
export async function healthAnswer(objects: ObjectStore, request: ApiRequest): Promise<ApiResponse | undefined> {
  const [endpoint = '', name, ...more] = request.path.split('/').slice(1).filter((part) => part !== '');
  const all = CHECKS.get(endpoint);
  const checks = name === undefined ? all : all?.filter(([each]) => each === name);
  if (checks === undefined || checks.length === 0 || more.length > 0) return undefined;
  const excluded = request.query.get('exclude') ?? [];
  const results = await Promise.all(checks.map(async ([each, check]) => {
    if (excluded.includes(each)) return { line: `[+]${each} excluded: ok`, ok: true };
    return await check(objects).then(() => ({ line: `[+]${each} ok`, ok: true }), () => ({ line: `[-]${each} failed: reason withheld`, ok: false }));
  }));
  const isWell = results.every(({ ok }) => ok);
  const body = isWell && !isTrue(request.query, 'verbose') ? 'ok' : `${results.map(({ line }) => line).join('\n')}\n${endpoint} check ${isWell ? 'passed' : 'failed'}\n`;
  return { kind: 'text', code: isWell ? 200 : 500, body, contentType: 'text/plain; charset=utf-8' };
}
