import { GantryError, isKind } from '#base/error.ts';
import { isObject, parseJson } from '../../decode.ts';
import { Filters } from '../../filters.ts';
import { progressError, progressMessage } from '../../progress.ts';
import { buildAttributes, buildNames, cacheSources } from '../../lower/build.ts';
import type { Builder } from '../builder.ts';
import type { Exchange } from '../exchange.ts';
import { switchToHttp2 } from '../hijack.ts';

async function builderOf(exchange: Exchange): Promise<Builder> {
  const { builder } = exchange.front;
  if (builder === undefined) throw new GantryError('unimplemented', 'this daemon cannot build');
  return await builder();
}

/** `POST /grpc`: the BuildKit protocol on the connection. */
export async function grpc(exchange: Exchange): Promise<void> {
  const builder = await builderOf(exchange);
  builder.serve(switchToHttp2(exchange));
}

/** `POST /session`: the client serves what its builds need. */
export async function session(exchange: Exchange): Promise<void> {
  const builder = await builderOf(exchange);
  const one = (name: string): string => String(exchange.req.headers[`x-docker-expose-session-${name}`] ?? '');
  const id = one('uuid');
  if (id === '') throw new GantryError('invalid', 'the session has no X-Docker-Expose-Session-Uuid');
  const methods = one('grpc-method').split(',').map((method) => method.trim()).filter(Boolean);
  await builder.attach(switchToHttp2(exchange), { id, name: one('name'), sharedKey: one('sharedkey'), methods });
}

/** `POST /build`: a context as an archive, or the place of one; the answer tells what is done as it is done. */
export async function build(exchange: Exchange): Promise<void> {
  const { req, res, query } = exchange;
  const sources = cacheSources(query);
  // Who names images to take steps from wants those of no other build.
  const isWithoutCache = sources.length > 0 && !sources.some((name) => hasImage(exchange, name));
  const attributes = new Map([...buildAttributes(query), ...(isWithoutCache ? [['no-cache', ''] as const] : [])]);
  const names = buildNames(query);
  const builder = await builderOf(exchange);
  const abort = new AbortController();
  res.on('close', () => { if (!res.writableFinished) abort.abort(); });
  const isQuiet = exchange.flag('q');
  const events = builder.classic({ attributes, names, body: req as AsyncIterable<Uint8Array>, remote: exchange.param('remote'), secrets: secretsOf(req.headers['x-build-secrets']), signal: abort.signal })[Symbol.asyncIterator]();
  // What is wrong before anything was told, as with the Dockerfile, is an error like any other; later ones are told in the stream.
  const first = await events.next();
  exchange.stream('application/json');
  try {
    for (let event = first; event.done !== true; event = await events.next()) {
      if (event.value.kind === 'result') res.write(progressMessage({ aux: { ID: event.value.id } }) + (isQuiet ? progressMessage({ stream: `${event.value.id}\n` }) : ''));
      else if (event.value.kind === 'explained') res.write(exchange.flag('explain') ? progressMessage({ aux: { explained: event.value.steps } }) : '');
      else if (event.value.kind === 'stream' && !isQuiet) res.write(progressMessage({ stream: event.value.text }));
    }
    res.end();
  } catch (thrown) {
    res.end(progressError(thrown));
  }
}

function hasImage({ engine }: Exchange, name: string): boolean {
  try {
    engine.images.find(name);
    return true;
  } catch (thrown) {
    if (isKind(thrown, 'not-found', 'invalid')) return false;
    throw thrown;
  }
}

/** Secrets of our own command line: JSON of ids and base64, in base64url. */
function secretsOf(header: string | readonly string[] | undefined): ReadonlyMap<string, Uint8Array> {
  if (typeof header !== 'string') return new Map();
  const parsed = parseJson(Buffer.from(header, 'base64url').toString('utf8'));
  if (!isObject(parsed)) throw new GantryError('invalid', 'X-Build-Secrets is no JSON object');
  return new Map(Object.entries(parsed).flatMap(([id, value]): [string, Uint8Array][] => (typeof value === 'string' ? [[id, Buffer.from(value, 'base64')]] : [])));
}

/** `POST /build/prune`. */
export async function prune(exchange: Exchange): Promise<void> {
  const builder = await builderOf(exchange);
  const filters = Filters.parse(exchange.query.get('filters'));
  // Those of `docker system prune` are for all that it prunes: caches have no labels.
  filters.accept('until', 'unused-for', 'id', 'parent', 'type', 'description', 'inuse', 'shared', 'private', 'label', 'label!');
  const keepBytes = Math.max(...['reserved-space', 'keep-storage', 'max-used-space'].map((name) => exchange.integer(name) ?? 0));
  const age = filters.values('until')[0] ?? filters.values('unused-for')[0];
  const gone = await builder.prune({
    all: exchange.flag('all'), keepNs: age === undefined ? 0n : durationNs(age), keepBytes: keepBytes === 0 ? undefined : keepBytes,
    filters: ['id', 'type', 'description', 'inuse', 'shared', 'private'].flatMap((name) => filters.values(name).map((value) => `${name}=${value}`)),
  });
  const reclaimed = gone.reduce((sum, { size }) => sum + size, 0);
  exchange.engine.events.pruned('builder', reclaimed);
  exchange.json(200, { CachesDeleted: gone.length === 0 ? null : gone.map(({ id }) => id), SpaceReclaimed: reclaimed });
}

/** `POST /build/cancel`: a build ends with the connection that asked for it. */
export function cancel(exchange: Exchange): void {
  if (exchange.param('id') === '') throw new GantryError('invalid', 'build ID not provided');
  exchange.empty(200);
}

const UNITS: Readonly<Record<string, bigint>> = { h: 3_600_000_000_000n, m: 60_000_000_000n, s: 1_000_000_000n };

/** Go's durations, as `24h30m`. */
function durationNs(text: string): bigint {
  if (!/^(\d{1,9}[hms])+$/.test(text)) throw new GantryError('invalid', `invalid until filter: ${JSON.stringify(text)} is no duration`);
  return [...text.matchAll(/(\d+)([hms])/g)].reduce((sum, [, count = '0', unit = 's']) => sum + BigInt(count) * (UNITS[unit] as bigint), 0n);
}
