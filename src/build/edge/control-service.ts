import type { IncomingHttpHeaders } from 'node:http2';
import { GantryError } from '#base/error.ts';
import { EMPTY } from '../wire/gateway.ts';
import {
  DISK_USAGE_REQUEST, DISK_USAGE_RESPONSE, INFO_RESPONSE, LIST_WORKERS_REQUEST, LIST_WORKERS_RESPONSE, PRUNE_REQUEST, SOLVE_REQUEST, SOLVE_RESPONSE, STATUS_REQUEST, STATUS_RESPONSE, USAGE_RECORD,
} from '../wire/control.ts';
import type { WORKER_RECORD } from '../wire/common.ts';
import type { Init } from '../wire/protobuf.ts';
import { matcherOf, type KeptThing } from '../solver/collect.ts';
import type { BuildService } from './build-service.ts';
import { byteStream } from './grpc/byte-stream.ts';
import { historyMethods } from './history-service.ts';
import { serverStream, unary, type Method } from './grpc/server.ts';
import type { Offer } from './session.ts';

const SERVICE = '/moby.buildkit.v1.Control';
/** Clients turn features on by it: that of BuildKit whose messages and Dockerfile are followed here. */
const BUILDKIT = { package: 'github.com/moby/buildkit', version: 'v0.25.1', revision: '' };

/** With a snapshotter's name clients know that archives and caches can be exported, and with an address what `host-gateway` is. */
const LABELS = { snapshotter: 'org.mobyproject.buildkit.worker.snapshotter', gateway: 'org.mobyproject.buildkit.worker.moby.host-gateway-ip' } as const;

export function workerRecord({ ports: { engine }, buildPlatform }: BuildService): Init<typeof WORKER_RECORD> {
  const { architecture, os } = buildPlatform;
  const gateway = engine.info.defaultBridgeAddress;
  const labels = new Map<string, string>([[LABELS.snapshotter, 'overlayfs'], ...(gateway === '' ? [] : [[LABELS.gateway, gateway] as const])]);
  return { id: engine.info.id, labels, platforms: [{ architecture, os }], version: BUILDKIT };
}

/** What `POST /session` says in its headers, a client on this connection says in its metadata. */
function offerOf(headers: IncomingHttpHeaders): Offer {
  const one = (name: string): string => String(headers[`x-docker-expose-session-${name}`] ?? '');
  const id = one('uuid');
  if (id === '') throw new GantryError('invalid', 'the session has no x-docker-expose-session-uuid');
  return { id, name: one('name'), sharedKey: one('sharedkey'), methods: one('grpc-method').split(',').map((method) => method.trim()).filter(Boolean) };
}

function usageRecord({ id, kind, description, size, createdNs, usedNs, uses, isInUse, isShared, parents }: KeptThing): Init<typeof USAGE_RECORD> {
  const time = (ns: bigint): { seconds: number; nanos: number } => ({ seconds: Number(ns / 1_000_000_000n), nanos: Number(ns % 1_000_000_000n) });
  return { id, mutable: kind !== 'regular', inUse: isInUse, size, createdAt: time(createdNs), lastUsedAt: time(usedNs), usageCount: uses, description, recordType: kind, shared: isShared, parents };
}

/** moby.buildkit.v1.Control, by path. */
export function controlMethods(service: BuildService): Iterable<readonly [string, Method]> {
  return [
    [`${SERVICE}/ListWorkers`, unary(LIST_WORKERS_REQUEST, LIST_WORKERS_RESPONSE, () => ({ record: [workerRecord(service)] }))],
    [`${SERVICE}/Info`, unary(EMPTY, INFO_RESPONSE, () => ({ version: BUILDKIT }))],
    [`${SERVICE}/Solve`, unary(SOLVE_REQUEST, SOLVE_RESPONSE, async (request, context) => ({ exporterResponse: await service.solve(request, context) }))],
    [`${SERVICE}/Status`, serverStream(STATUS_REQUEST, STATUS_RESPONSE, ({ ref }, { signal }) => service.status(ref, signal))],
    ...historyMethods(SERVICE, service.ports.history, () => service.ports.clock.nowNs()),
    [`${SERVICE}/Session`, byteStream((socket, headers) => service.attach(socket, offerOf(headers)))],
    [`${SERVICE}/DiskUsage`, unary(DISK_USAGE_REQUEST, DISK_USAGE_RESPONSE, async ({ filter, ageLimit }) => {
      const matches = matcherOf(filter);
      const now = service.ports.clock.nowNs();
      return { record: (await service.collector.list()).filter((thing) => matches(thing) && now - thing.usedNs >= ageLimit).map(usageRecord) };
    })],
    [`${SERVICE}/Prune`, serverStream(PRUNE_REQUEST, USAGE_RECORD, async function* ({ filter, all, keepDuration, reservedSpace, maxUsedSpace }) {
      const keepBytes = Math.max(reservedSpace, maxUsedSpace);
      const gone = await service.collector.collect({ all, keepNs: keepDuration, keepBytes: keepBytes === 0 ? undefined : keepBytes, matches: matcherOf(filter) });
      for (const thing of gone) yield usageRecord(thing);
    })],
  ];
}
