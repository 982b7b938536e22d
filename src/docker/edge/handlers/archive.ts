import { Buffer } from 'node:buffer';
import { GantryError, isKind } from '#base/error.ts';
import type { PathStatus } from '#image/snapshot/files.ts';
import { renderPathStat } from '../../render/path-stat.ts';
import type { Exchange } from '../exchange.ts';
import { sendArchive } from '../send-archive.ts';
import { ownContainer } from './container-life.ts';

/** PATH_MAX, which counts a NUL. */
const LONGEST_PATH = 4095;

function pathOf(exchange: Exchange): string {
  const path = exchange.param('path');
  // Docker's words, with the space that they lack.
  if (path === '') throw new GantryError('invalid', 'bad parameter: pathcannot be empty');
  if (Buffer.byteLength(path) > LONGEST_PATH) throw new GantryError('invalid', `the path is longer than ${LONGEST_PATH} bytes`);
  return path;
}

/** A path that leads nowhere, as Docker tells it. */
async function located<T>(exchange: Exchange, path: string, work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (thrown) {
    if (isKind(thrown, 'not-found')) throw new GantryError('not-found', `Could not find the file ${path} in container ${exchange.name}`, { cause: thrown });
    throw thrown;
  }
}

function statHeader(status: PathStatus): readonly string[] {
  return ['X-Docker-Container-Path-Stat', Buffer.from(JSON.stringify(renderPathStat(status))).toString('base64')];
}

/** `HEAD /containers/{id}/archive`: what is at a path. */
export async function statArchive(exchange: Exchange): Promise<void> {
  const path = pathOf(exchange);
  const { spec } = exchange.engine.containers.find(exchange.name);
  const status = await located(exchange, path, exchange.engine.files.status(spec.id, path));
  exchange.writeHead(200, statHeader(status));
  exchange.res.end();
}

/** `GET /containers/{id}/archive`: what is at a path, as a tar. */
export async function readArchive(exchange: Exchange): Promise<void> {
  const path = pathOf(exchange);
  const { spec } = exchange.engine.containers.find(exchange.name);
  const { status, tar } = await located(exchange, path, exchange.engine.files.read(spec.id, path));
  await sendArchive(exchange, tar, statHeader(status));
}

/** `PUT /containers/{id}/archive`: a tar, unpacked into a directory that is there. */
export async function writeArchive(exchange: Exchange): Promise<void> {
  const path = pathOf(exchange);
  const { spec } = ownContainer(exchange);
  // Left early, the request stays: it has to be answered.
  const tar = exchange.req.iterator({ destroyOnReturn: false }) as AsyncIterable<Uint8Array>;
  await located(exchange, path, exchange.engine.files.write(spec.id, { path, tar, keepsKind: exchange.flag('noOverwriteDirNonDir'), ownedByUser: exchange.flag('copyUIDGID') }));
  exchange.empty(200);
}

/** `GET /containers/{id}/export`: the root file system as a tar. */
export async function exportContainer(exchange: Exchange): Promise<void> {
  await sendArchive(exchange, await exchange.engine.files.export(exchange.name), [], 'application/octet-stream');
}

const KINDS = { modified: 0, added: 1, deleted: 2 } as const;

/** `GET /containers/{id}/changes`. */
export async function changes(exchange: Exchange): Promise<void> {
  const found = await exchange.engine.files.changes(exchange.name);
  exchange.json(200, found.length === 0 ? null : found.map(({ path, kind }) => ({ Path: path, Kind: KINDS[kind] })));
}
