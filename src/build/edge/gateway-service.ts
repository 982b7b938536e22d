import { GantryError } from '#base/error.ts';
import { READ_DIR_REQUEST, READ_DIR_RESPONSE, READ_FILE_REQUEST, READ_FILE_RESPONSE, STAT_FILE_REQUEST, STAT_FILE_RESPONSE, BRIDGE_SOLVE_REQUEST, BRIDGE_SOLVE_RESPONSE, EMPTY, EVALUATE_REQUEST, PONG_RESPONSE, RETURN_REQUEST, WARN_REQUEST } from '../wire/gateway.ts';
import type { STAT } from '../wire/session.ts';
import type { Init } from '../wire/protobuf.ts';
import type { TreeEntry, TreeSource } from '#image/snapshot/tree-work.ts';
import type { ActiveBuild } from './active-build.ts';
import type { BuildService } from './build-service.ts';
import { FRONTEND_CAPS, LLB_CAPS } from './capabilities.ts';
import { goModeOf } from './context/file-mode.ts';
import { workerRecord } from './control-service.ts';
import { unary, type CallContext, type Method } from './grpc/server.ts';
import { sourceOf } from './step-executor.ts';

const SERVICE = '/moby.buildkit.v1.frontend.LLBBridge';
const LARGEST_READ = 8 << 20;

/** moby.buildkit.v1.frontend.LLBBridge, by path. Each call names its build in its metadata. */
export function gatewayMethods(service: BuildService): Iterable<readonly [string, Method]> {
  const buildOf = async ({ headers }: CallContext): Promise<ActiveBuild> => {
    const ref = headers['buildkit-controlapi-buildid'];
    if (typeof ref !== 'string' || ref === '') throw new GantryError('invalid', 'no buildid found in context');
    return await service.find(ref);
  };
  const filesOf = async (id: string, context: CallContext): Promise<TreeSource> => {
    const build = await buildOf(context);
    return sourceOf(await build.evaluate(build.find(id)));
  };
  const { trees } = service.ports;
  return [
    [`${SERVICE}/Ping`, unary(EMPTY, PONG_RESPONSE, () => ({
      frontendCaps: FRONTEND_CAPS.map((id) => ({ id, enabled: true })), llbCaps: LLB_CAPS.map((id) => ({ id, enabled: true })), workers: [workerRecord(service)],
    }))],
    [`${SERVICE}/Solve`, unary(BRIDGE_SOLVE_REQUEST, BRIDGE_SOLVE_RESPONSE, async (request, context) => ({ result: await service.bridge(await buildOf(context), request) }))],
    [`${SERVICE}/Return`, unary(RETURN_REQUEST, EMPTY, async (request, context) => {
      service.returnResult((await buildOf(context)).ref, request);
      return {};
    })],
    [`${SERVICE}/Evaluate`, unary(EVALUATE_REQUEST, EMPTY, async ({ ref }, context) => {
      await filesOf(ref, context);
      return {};
    })],
    [`${SERVICE}/Inputs`, unary(EMPTY, EMPTY, () => ({}))],
    [`${SERVICE}/Warn`, unary(WARN_REQUEST, EMPTY, async (request, context) => {
      (await buildOf(context)).progress.tell({ warnings: [{ vertex: request.digest, level: request.level, short: request.short, detail: request.detail, url: request.url, ...(request.info === undefined ? {} : { info: request.info }), ranges: request.ranges }] });
      return {};
    })],
    [`${SERVICE}/ReadFile`, unary(READ_FILE_REQUEST, READ_FILE_RESPONSE, async ({ ref, filePath, range }, context) => {
      const data = await trees.readFile(await filesOf(ref, context), filePath, LARGEST_READ);
      if (data === undefined) throw new GantryError('not-found', `open ${filePath}: no such file or directory`);
      return { data: range === undefined ? data : data.subarray(range.offset, range.length === 0 ? undefined : range.offset + range.length) };
    })],
    [`${SERVICE}/ReadDir`, unary(READ_DIR_REQUEST, READ_DIR_RESPONSE, async ({ ref, dirPath }, context) => ({ entries: (await trees.readDirectory(await filesOf(ref, context), dirPath)).map(statOf) }))],
    [`${SERVICE}/StatFile`, unary(STAT_FILE_REQUEST, STAT_FILE_RESPONSE, async ({ ref, path }, context) => {
      const entry = await trees.stat(await filesOf(ref, context), path);
      if (entry === undefined) throw new GantryError('not-found', `stat ${path}: no such file or directory`);
      return { stat: statOf(entry) };
    })],
  ];
}

function statOf(entry: TreeEntry): Init<typeof STAT> {
  return {
    path: entry.path, mode: goModeOf(entry.type, entry.mode), uid: entry.uid, gid: entry.gid, size: entry.size, modTime: BigInt(entry.seconds) * 1_000_000_000n + BigInt(entry.nanoseconds),
    linkname: entry.linkTarget, devmajor: entry.deviceMajor, devminor: entry.deviceMinor,
  };
}
