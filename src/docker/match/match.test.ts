import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Container } from '#container/model/container.ts';
import type { EngineEvent } from '#container/model/event.ts';
import { FakeEngine } from '../fake-engine.ts';
import { fakeImage } from '../fake-images.ts';
import { Filters } from '../filters.ts';
import { ImageConfigs } from '../image-config.ts';
import { lowerCreate } from '../lower.ts';
import { NEWEST } from '../version.ts';
import { decodeCreateBody } from '../wire/create-request.ts';
import { listContainers } from './containers.ts';
import { matchesEvent } from './events.ts';
import { listImages } from './images.ts';
import { listNetworks } from './networks.ts';
import { listVolumes } from './volumes.ts';

const engine = new FakeEngine();
const configs = new ImageConfigs();

async function make(name: string, body: object, state: 'created' | 'running' | 'exited' = 'running'): Promise<void> {
  const { request } = lowerCreate({
    body: decodeCreateBody({ Image: 'bb:1', ...body } as never), name, version: NEWEST, platform: '', newVolumeName: () => 'v'.repeat(64), facts: engine.info.facts, networkName: (name) => name, gateway: '',
    findImage: (reference) => ({ image: engine.images.find(reference), config: configs.of(engine.images.find(reference)) }), findContainer: (reference) => engine.containers.find(reference),
  });
  await engine.containers.create(request);
  if (state !== 'created') await engine.containers.start(name);
  if (state === 'exited') engine.exit(name, 3);
}

await make('one', { Labels: { role: 'web' }, ExposedPorts: { '80/tcp': {} }, HostConfig: { Binds: ['data:/data', '/host:/mnt'] } });
await make('two', { Labels: { role: 'db', keep: '' }, HostConfig: { NetworkMode: 'none' } });
await make('three', {}, 'exited');
await make('four', {}, 'created');

const world = { find: engine.containers.find, images: engine.images.list(), findImage: engine.images.find, findNetwork: (name: string) => engine.networks.list().find((network) => network.name === name) };
const names = (filters: object, { all = false, limit = 0 } = {}): string[] =>
  listContainers(engine.containers.list(), { filters: Filters.parse(JSON.stringify(filters)), all, limit }, world).map(({ spec }: Container) => spec.name);

describe('containers of a list', () => {
  for (const [filters, options, expected] of [
    [{}, {}, ['two', 'one']], [{}, { all: true }, ['four', 'three', 'two', 'one']], [{}, { limit: 2 }, ['four', 'three']], [{ status: ['exited', 'created'] }, {}, ['four', 'three']],
    [{ name: ['^/o'] }, {}, ['one']], [{ name: ['o'] }, { all: true }, ['four', 'two', 'one']], [{ label: ['role'] }, {}, ['two', 'one']], [{ label: ['role=db', 'keep'] }, {}, ['two']],
    [{ exited: ['3'] }, { all: true }, ['three']], [{ exited: ['0'] }, { all: true }, []], [{ network: ['bridge'] }, {}, ['one']], [{ network: ['none'] }, {}, ['two']], [{ volume: ['data'] }, {}, ['one']],
    [{ volume: ['/mnt'] }, {}, ['one']], [{ volume: ['/host'] }, {}, ['one']], [{ volume: ['x'] }, {}, []], [{ ancestor: ['bb:1'] }, {}, ['two', 'one']], [{ ancestor: ['nope'] }, {}, []],
    [{ before: ['three'] }, { all: true }, ['two', 'one']], [{ since: ['two'] }, { all: true }, ['four', 'three']], [{ expose: ['79-80/tcp'] }, {}, ['one']], [{ publish: ['80'] }, {}, []],
    [{ health: ['none'] }, {}, ['two', 'one']], [{ 'is-task': ['true'] }, {}, []], [{ id: ['aaaaaaaaaaa1'] }, {}, ['one']],
  ] as const) {
    test(`${JSON.stringify(filters)} ${JSON.stringify(options)}`, () => assert.deepEqual(names(filters, options), expected));
  }

  for (const [filters, message] of [
    [{ foo: ['x'] }, "invalid filter 'foo'"], [{ status: ['x'] }, "invalid filter 'status=x': invalid value for state (x): must be one of created, running, paused, restarting, removing, exited, dead"],
    [{ exited: ['x'] }, 'invalid filter \'exited=x\': strconv.Atoi: parsing "x": invalid syntax'], [{ before: ['x'] }, 'No such container: x'], [{ publish: ['1:2'] }, "filter for 'publish' should not contain ':': 1:2"],
  ] as const) {
    test(`refused: ${message}`, () => assert.throws(() => names(filters), { message }));
  }
});

describe('images of a list', () => {
  const base = fakeImage('base:1', { Labels: { a: 'b' } }, '01');
  const child = { ...fakeImage('docker.io/team/app:2', {}, '02'), parent: base.id };
  const nameless = { ...fakeImage('x', {}, '03'), tags: [] };
  const images = [base, child, nameless];
  const found = (filters: object, all = false): string[] =>
    listImages(Filters.parse(JSON.stringify(filters)), all, { images, find: (reference) => images.find(({ tags }) => tags[0]?.endsWith(reference)) ?? base, configs, nowNs: 1_900_000_000n * 1_000_000_000n }).map(({ id }) => id.slice(7, 9));

  for (const [filters, expected] of [
    [{}, ['01', '02', '03']], [{ dangling: ['true'] }, ['03']], [{ dangling: ['false'] }, ['01', '02']], [{ label: ['a=b'] }, ['01']], [{ reference: ['base'] }, ['01']], [{ reference: ['*/app'] }, ['02']],
    [{ reference: ['*:1'] }, ['01']], [{ until: ['24h'] }, ['01', '02', '03']], [{ since: ['base:1'] }, []], [{ before: ['base:1'] }, []],
  ] as const) {
    test(JSON.stringify(filters), () => assert.deepEqual(found(filters), expected));
  }
});

test('networks and volumes', () => {
  const networks = (filters: object): string[] => listNetworks(engine.networks.list(), Filters.parse(JSON.stringify(filters)), () => false).map(({ name }) => name);
  assert.deepEqual(networks({ driver: ['host'] }), ['host']);
  assert.deepEqual(networks({ name: ['o'] }), ['host', 'none']);
  assert.deepEqual(networks({ type: ['custom'] }), []);
  assert.deepEqual(networks({ dangling: ['true'] }), []);
  assert.deepEqual(networks({ id: ['8f8f'] }), ['bridge']);
  const rows = ['a', 'b'].map((name) => ({ name, createdNs: '0', labels: name === 'a' ? { k: 'v' } : {}, options: {}, anonymous: false }));
  const volumes = (filters: object): string[] => listVolumes(rows, Filters.parse(JSON.stringify(filters)), ({ name }) => name === 'a').map(({ name }) => name);
  assert.deepEqual(volumes({ dangling: ['true'] }), ['b']);
  assert.deepEqual(volumes({ label: ['k=v'] }), ['a']);
  assert.deepEqual(volumes({ driver: ['nfs'] }), []);
});

describe('events', () => {
  const start: EngineEvent = { timeNs: 0n, type: 'container', action: 'start', id: 'abcdef', attributes: { name: 'web', image: 'team/app:2', 'com.x': 'y' } };
  const exec = { ...start, action: 'exec_create: sh -c x' };
  const image: EngineEvent = { timeNs: 0n, type: 'image', action: 'tag', id: 'sha256:1', attributes: { name: 'team/app:2' } };
  for (const [filters, event, expected] of [
    [{}, start, true], [{ event: ['start'] }, start, true], [{ event: ['die'] }, start, false], [{ event: ['exec_create'] }, exec, true], [{ event: ['exec'] }, exec, false], [{ type: ['image'] }, start, false],
    [{ container: ['web'] }, start, true], [{ container: ['abc'] }, start, true], [{ container: ['xyz'] }, start, false], [{ image: ['team/app'] }, start, true], [{ image: ['team/app:2'] }, image, true],
    [{ image: ['other'] }, image, false], [{ label: ['com.x=y'] }, start, true], [{ label: ['com.x=z'] }, start, false], [{ scope: ['swarm'] }, start, false], [{ network: ['web'] }, start, true],
  ] as const) {
    test(`${event.action} is ${expected ? '' : 'not '}among ${JSON.stringify(filters)}`, () => assert.equal(matchesEvent(Filters.parse(JSON.stringify(filters)), event), expected));
  }
});
