import { concatBytes } from '#base/bytes.ts';
import { formatTimeNs } from '#base/clock.ts';
import { containersOfPod, newest } from '#cluster/agent/observed.ts';
import { specOf } from '#cluster/agent/pod.ts';
import { isTrue, single, type ApiRequest, type ApiResponse } from '#cluster/api/api-request.ts';
import { badRequest, notFound } from '#cluster/api/refusals.ts';
import type { ResourceRequest } from '#cluster/api/request-info.ts';
import type { ObjectCache } from '#cluster/loop/object-cache.ts';
import type { EnginePort } from '#container/engine/port.ts';
import type { LogBatches } from '#container/host/log.ts';

/** `GET .../pods/NAME/log` (`core.v1.PodLogOptions`): what a container of the pod wrote, both of its streams. */
export async function podLog(engine: EnginePort, pods: ObjectCache, { namespace, name = '' }: ResourceRequest, { query }: ApiRequest): Promise<ApiResponse> {
  const pod = pods.get(namespace, name);
  if (pod === undefined) throw notFound(pods.of, name);
  const { containers, initContainers = [], ephemeralContainers = [] } = specOf(pod);
  const names = [...containers, ...initContainers, ...ephemeralContainers].map((container) => container.name);
  const container = single(query, 'container') ?? (containers.length === 1 ? names[0] ?? '' : '');
  if (container === '') throw badRequest(`a container name must be specified for pod ${name}, choose one of: [${names.join(' ')}]`);
  if (!names.includes(container)) throw badRequest(`container ${container} is not valid for pod ${name}`);
  const all = containersOfPod(engine.containers.list(), pod.metadata.uid).filter((each) => each.name === container);
  const last = newest(all, container);
  const chosen = isTrue(query, 'previous') ? newest(all.filter(({ attempt }) => attempt < (last?.attempt ?? 0)), container) : last;
  if (chosen === undefined) throw badRequest(isTrue(query, 'previous') ? `previous terminated container "${container}" in pod "${name}" not found` : `container "${container}" in pod "${name}" is waiting to start: ContainerCreating`);
  const tail = single(query, 'tailLines');
  const sinceNs = sinceOf(query);
  const records = engine.containers.logs(chosen.id, {
    follow: isTrue(query, 'follow'), ...(tail === undefined ? {} : { tail: Number(tail) }), ...(sinceNs === undefined ? {} : { sinceNs }),
  });
  const limit = single(query, 'limitBytes');
  if (limit !== undefined && !/^[1-9]\d*$/.test(limit)) throw badRequest(`limitBytes is ${JSON.stringify(limit)}, and has to be a number above 0`);
  const chunks = bytesOf(records, isTrue(query, 'timestamps'));
  return { kind: 'stream', contentType: 'text/plain', chunks: limit === undefined ? chunks : bounded(chunks, Number(limit)) };
}

function sinceOf(query: ApiRequest['query']): bigint | undefined {
  const [seconds, time] = [single(query, 'sinceSeconds'), single(query, 'sinceTime')];
  if (seconds !== undefined && time !== undefined) throw badRequest('at most one of sinceTime or sinceSeconds may be specified');
  if (seconds !== undefined) return BigInt(Date.now() - Number(seconds) * 1000) * 1_000_000n;
  if (time === undefined) return undefined;
  const ms = Date.parse(time);
  if (Number.isNaN(ms)) throw badRequest(`sinceTime is ${JSON.stringify(time)}, and has to be a time of RFC 3339`);
  return BigInt(ms) * 1_000_000n;
}

/** In the middle of a line, too: the bound is of bytes. */
async function* bounded(chunks: AsyncIterable<Uint8Array>, limit: number): AsyncGenerator<Uint8Array> {
  let left = limit;
  for await (const chunk of chunks) {
    yield chunk.subarray(0, left);
    left -= chunk.length;
    if (left <= 0) return;
  }
}

async function* bytesOf(batches: LogBatches, timestamps: boolean): AsyncGenerator<Uint8Array> {
  for await (const records of batches) {
    yield concatBytes(records.flatMap((record) => (timestamps ? [new TextEncoder().encode(`${formatTimeNs(record.timeNs)} `), record.bytes] : [record.bytes])));
  }
}
