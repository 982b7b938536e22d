import { EMPTY } from '../wire/gateway.ts';
import {
  DISK_USAGE_REQUEST, DISK_USAGE_RESPONSE, INFO_RESPONSE, LIST_WORKERS_REQUEST, LIST_WORKERS_RESPONSE, PRUNE_REQUEST, SOLVE_REQUEST, SOLVE_RESPONSE, STATUS_REQUEST, STATUS_RESPONSE, USAGE_RECORD,
} from '../wire/control.ts';
import type { WORKER_RECORD } from '../wire/common.ts';
import type { Init } from '../wire/protobuf.ts';
import type { BuildService } from './build-service.ts';
import { serverStream, unary, type Method } from './grpc/server.ts';

const SERVICE = '/moby.buildkit.v1.Control';
/** Clients turn features on by it: that of BuildKit whose messages and Dockerfile are followed here. */
const BUILDKIT = { package: 'github.com/moby/buildkit', version: 'v0.25.1', revision: '' };

/** Label by which clients know that `host-gateway` can be used. */
const GATEWAY_LABEL = 'org.mobyproject.buildkit.worker.moby.host-gateway-ip';

export function workerRecord({ ports: { engine }, buildPlatform }: BuildService): Init<typeof WORKER_RECORD> {
  const { architecture, os } = buildPlatform;
  const labels = new Map([['org.mobyproject.buildkit.worker.moby.host-gateway-ip', engine.info.defaultBridgeAddress]].filter(([key, value]) => key === GATEWAY_LABEL && value !== '') as [string, string][]);
  return { id: engine.info.id, labels, platforms: [{ architecture, os }], version: BUILDKIT };
}

/** moby.buildkit.v1.Control, by path. */
export function controlMethods(service: BuildService): Iterable<readonly [string, Method]> {
  return [
    [`${SERVICE}/ListWorkers`, unary(LIST_WORKERS_REQUEST, LIST_WORKERS_RESPONSE, () => ({ record: [workerRecord(service)] }))],
    [`${SERVICE}/Info`, unary(EMPTY, INFO_RESPONSE, () => ({ version: BUILDKIT }))],
    [`${SERVICE}/Solve`, unary(SOLVE_REQUEST, SOLVE_RESPONSE, async (request, context) => ({ exporterResponse: await service.solve(request, context) }))],
    [`${SERVICE}/Status`, serverStream(STATUS_REQUEST, STATUS_RESPONSE, async function* ({ ref }, { signal }) {
      yield* (await service.find(ref)).progress.follow(signal);
    })],
    [`${SERVICE}/DiskUsage`, unary(DISK_USAGE_REQUEST, DISK_USAGE_RESPONSE, () => ({ record: [] }))],
    [`${SERVICE}/Prune`, serverStream(PRUNE_REQUEST, USAGE_RECORD, async function* () { /* nothing yet */ })],
  ];
}
