import { randomBytes } from 'node:crypto';
import { GantryError, isKind } from '#base/error.ts';
import type { Container } from '#container/model/container.ts';
import type { Network } from '#container/model/network.ts';
import { Filters } from '../../filters.ts';
import { lowerCreate } from '../../lower.ts';
import { listContainers } from '../../match/containers.ts';
import { renderContainer } from '../../render/container-inspect.ts';
import { imageSize } from '../../render/image.ts';
import { decodeCreateBody } from '../../wire/create-request.ts';
import type { Exchange } from '../exchange.ts';
import type { EnginePort } from '#container/engine/port.ts';

export function networkFinder(engine: EnginePort): (name: string) => Network | undefined {
  return (name) => engine.networks.list().find((network) => network.name === name);
}

async function sizesOf(engine: EnginePort, container: Container): Promise<{ writable: number; total: number }> {
  const writable = await engine.containers.sizeOf(container.spec.id);
  const image = engine.images.list().find(({ id }) => id === container.spec.image.id);
  return { writable, total: writable + (image === undefined ? 0 : imageSize(image)) };
}

/** One that goes while it is measured is no longer in the list. */
async function sizesUnlessGone(engine: EnginePort, container: Container): Promise<{ writable: number; total: number } | 'gone'> {
  try {
    return await sizesOf(engine, container);
  } catch (thrown) {
    if (isKind(thrown, 'not-found')) return 'gone';
    throw thrown;
  }
}

/** `GET /containers/json`. */
export async function list(exchange: Exchange): Promise<void> {
  const { engine, front } = exchange;
  const query = { filters: Filters.parse(exchange.query.get('filters')), all: exchange.flag('all'), limit: Math.max(exchange.integer('limit') ?? 0, 0) };
  for (const key of ['before', 'since'] as const) if (exchange.param(key) !== '') query.filters.add(key, exchange.param(key));
  const images = engine.images.list();
  const findNetwork = networkFinder(engine);
  const found = listContainers(engine.containers.list(), query, {
    find: (reference) => engine.containers.find(reference), images, findImage: (reference) => engine.images.find(reference), findNetwork,
  });
  const idOf = new Map<string, Container['spec']['image']['id'] | undefined>();
  const imageIdOf = (reference: string): Container['spec']['image']['id'] | undefined => {
    if (!idOf.has(reference)) idOf.set(reference, findImageId(engine, reference));
    return idOf.get(reference);
  };
  const context = { findNetwork, pathOfVolume: (name: string) => engine.volumes.pathOf(name), imageIdOf };
  const nowNs = front.clock.nowNs();
  const withSize = exchange.flag('size');
  const entries: string[] = [];
  for (const container of found) {
    const sizes = withSize ? await sizesUnlessGone(engine, container) : undefined;
    if (sizes === 'gone') continue;
    entries.push(front.summaries.json(container, context, nowNs, sizes === undefined ? {} : { SizeRw: sizes.writable, SizeRootFs: sizes.total }));
  }
  exchange.jsonText(200, `[${entries.join(',')}]\n`);
}

function findImageId(engine: EnginePort, reference: string): Container['spec']['image']['id'] | undefined {
  try {
    return engine.images.find(reference).id;
  } catch {
    return undefined;
  }
}

/** `GET /containers/{id}/json`. */
export async function inspect(exchange: Exchange): Promise<void> {
  const { engine } = exchange;
  const container = engine.containers.find(exchange.name);
  const sizes = exchange.flag('size') ? await sizesOf(engine, container) : undefined;
  exchange.json(200, renderContainer(container, {
    root: engine.info.root,
    pathOfVolume: (name) => engine.volumes.pathOf(name),
    findNetwork: networkFinder(engine),
    execIds: engine.execs.ofContainer(container.spec.id),
    ...(sizes === undefined ? {} : { sizes }),
  }));
}

/** `POST /containers/create`. */
export async function create(exchange: Exchange): Promise<void> {
  const { engine, front, version } = exchange;
  const body = await exchange.body();
  if (body === undefined) throw new GantryError('invalid', 'invalid JSON: got EOF while reading request body');
  const { request, warnings } = lowerCreate({
    body: decodeCreateBody(body),
    name: exchange.param('name'),
    version,
    platform: version >= 1041 ? exchange.param('platform') : '',
    findImage: (reference) => {
      const image = engine.images.find(reference);
      return { image, config: front.configs.of(image) };
    },
    findContainer: (reference) => engine.containers.find(reference),
    newVolumeName: () => randomBytes(32).toString('hex'),
    defaults: front.defaults(),
    facts: engine.info.facts,
    networkName: (reference) => engine.networks.list().find(({ name, id }) => name === reference || (reference.length >= 12 && id.startsWith(reference)))?.name ?? reference,
    gateway: engine.info.defaultBridgeAddress.split('/')[0] ?? '',
  });
  const created = await engine.containers.create(request);
  exchange.json(201, { Id: created.id, Warnings: [...warnings, ...created.warnings] });
}

/** `GET /containers/{id}/top`. */
export async function top(exchange: Exchange): Promise<void> {
  const { titles, rows } = await exchange.engine.containers.top(exchange.name, exchange.query.get('ps_args') ?? '-ef');
  exchange.json(200, { Titles: titles, Processes: rows });
}
