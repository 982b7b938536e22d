import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { FRESH_STATE, type ContainerState } from '#container/model/container-state.ts';
import type { Container } from '#container/model/container.ts';
import type { Exec } from '#container/model/exec.ts';
import type { ImageId } from '#container/model/ids.ts';
import { FakeEngine } from '../fake-engine.ts';
import { fakeImage } from '../fake-images.ts';
import { ImageConfigs } from '../image-config.ts';
import { lowerCreate } from '../lower.ts';
import { NEWEST } from '../version.ts';
import { decodeCreateBody } from '../wire/create-request.ts';
import { renderContainer } from './container-inspect.ts';
import { renderState, statusText } from './container-state.ts';
import { commandText, SummaryCache } from './container-summary.ts';
import { renderExec } from './exec.ts';
import { renderImage, renderImageSummary } from './image.ts';
import { renderNetwork } from './network.ts';
import { renderLinks, renderNetworks } from './networks.ts';
import { renderPortList, renderPortMap } from './ports.ts';

const S = 1_000_000_000n;
const engine = new FakeEngine();
const configs = new ImageConfigs();
const findNetwork = (name: string) => engine.networks.list().find((network) => network.name === name);

const { request } = lowerCreate({
  body: decodeCreateBody({ Image: 'bb:1', ExposedPorts: { '80/tcp': {}, '53/udp': {} }, HostConfig: { Binds: ['v:/v'] } }), name: 'web', version: NEWEST, platform: '', newVolumeName: () => 'n', facts: engine.info.facts, networkName: (name) => name, gateway: '',
  findImage: (reference) => ({ image: engine.images.find(reference), config: configs.of(engine.images.find(reference)) }), findContainer: (reference) => engine.containers.find(reference),
});
const { id } = await engine.containers.create(request);
const { spec } = engine.containers.find(id);
const runningState: ContainerState = {
  ...FRESH_STATE, phase: 'running', process: { pid: 7, startTime: '1' }, startedNs: String(100n * S),
  endpoints: [{ id: 'e'.repeat(64), network: 'bridge', interfaceName: 'eth0', hostLink: 'veth', macAddress: '02:42:ac:11:00:02', gatewayPriority: 0, ipv4: { address: '172.17.0.2', prefixLength: 16, gateway: '172.17.0.1' } }],
  published: [{ protocol: 'tcp', containerPort: 80, hostAddress: '0.0.0.0', hostPort: 8080 }, { protocol: 'tcp', containerPort: 80, hostAddress: '::', hostPort: 8080 }],
};
const live: Container = { spec, state: runningState };
const context = { root: '/var/lib/gantry', pathOfVolume: (name: string) => `/volumes/${name}`, findNetwork, execIds: [] };

describe('a running container', () => {
  test('tells its ports', () => {
    assert.deepEqual(renderPortMap(live), { '80/tcp': [{ HostIp: '0.0.0.0', HostPort: '8080' }, { HostIp: '::', HostPort: '8080' }], '53/udp': null });
    assert.deepEqual(renderPortList(live), [
      { IP: '0.0.0.0', PrivatePort: 80, PublicPort: 8080, Type: 'tcp' }, { IP: '::', PrivatePort: 80, PublicPort: 8080, Type: 'tcp' }, { PrivatePort: 53, Type: 'udp' },
    ]);
  });

  test('tells its place in the network, at both places', () => {
    const { NetworkSettings } = renderContainer(live, context);
    const { bridge } = NetworkSettings.Networks;
    assert.equal(bridge?.IPAddress, '172.17.0.2');
    assert.equal(bridge?.NetworkID, findNetwork('bridge')?.id);
    assert.deepEqual([NetworkSettings.IPAddress, NetworkSettings.IPPrefixLen, NetworkSettings.Gateway, NetworkSettings.SandboxKey], ['172.17.0.2', 16, '172.17.0.1', '/proc/7/ns/net']);
    const network = findNetwork('bridge');
    assert.ok(network);
    assert.deepEqual(Object.values(renderNetwork(network, [live]).Containers), [{ Name: 'web', EndpointID: bridge?.EndpointID, MacAddress: '02:42:ac:11:00:02', IPv4Address: '172.17.0.2/16', IPv6Address: '' }]);
  });
});

test('links and addresses are told where Docker tells them', () => {
  const linked = (NetworkMode: string) => renderLinks(live, { NetworkMode, Links: ['/db:/other/data', 'queue'] });
  assert.deepEqual([linked('bridge'), linked('default')], [['/db:/web/data', '/queue:/web/queue'], ['/db:/web/data', '/queue:/web/queue']]);
  assert.deepEqual([linked('own'), renderLinks(live, { NetworkMode: 'bridge', Links: [] })], [null, null]);
  const [endpoint] = spec.sandbox.endpoints;
  assert.ok(endpoint);
  const asked = (IPAMConfig: object | null): unknown => renderNetworks({ ...live, spec: { ...spec, sandbox: { ...spec.sandbox, endpoints: [{ ...endpoint, front: { IPAMConfig } as never }] } } }, findNetwork, true)['bridge']?.IPAMConfig;
  assert.deepEqual([asked(null), asked({ IPv4Address: '', IPv6Address: '', LinkLocalIPs: null }), asked({ IPv4Address: '10.0.0.2', IPv6Address: '', LinkLocalIPs: [] })], [null, {}, { IPv4Address: '10.0.0.2' }]);
});

describe('the status of a list', () => {
  for (const [change, text] of [
    [{ phase: 'created', startedNs: undefined }, 'Created'], [{}, 'Up 20 seconds'], [{ phase: 'paused' }, 'Up 20 seconds (Paused)'], [{ phase: 'restarting', exitCode: 1, finishedNs: String(119n * S) }, 'Restarting (1) 1 second ago'],
    [{ phase: 'exited', exitCode: 137, finishedNs: String(60n * S) }, 'Exited (137) About a minute ago'], [{ phase: 'removing' }, 'Removal In Progress'], [{ phase: 'dead' }, 'Dead'],
  ] as const) {
    test(text, () => assert.equal(statusText({ ...runningState, ...change } as ContainerState, 120n * S), text));
  }
});

test('an entry of a list is made again only when the row or its image changes', () => {
  const cache = new SummaryCache();
  const imageIdOf = (): ImageId => spec.image.id;
  const listContext = { findNetwork, pathOfVolume: context.pathOfVolume, imageIdOf };
  const first = JSON.parse(cache.json(live, listContext, 120n * S));
  assert.deepEqual([first.Status, first.Image, first.State], ['Up 20 seconds', 'bb:1', 'running']);
  assert.equal(JSON.parse(cache.json(live, listContext, 130n * S)).Status, 'Up 30 seconds');
  assert.equal(JSON.parse(cache.json({ spec, state: { ...runningState, phase: 'paused' } }, listContext, 120n * S)).State, 'paused');
  assert.equal(JSON.parse(cache.json(live, { ...listContext, imageIdOf: () => undefined }, 120n * S)).Image, spec.image.id);
});

test('states that Docker does not know', () => {
  assert.equal(renderState({ spec, state: { ...FRESH_STATE, phase: 'starting' } }).Status, 'created');
  assert.equal(renderState({ spec, state: { ...FRESH_STATE, phase: 'starting', startedNs: '1' } }).Status, 'exited');
  const { Running, Restarting, Pid } = renderState({ spec, state: { ...runningState, phase: 'restarting' } });
  assert.deepEqual({ Running, Restarting, Pid }, { Running: true, Restarting: true, Pid: 0 });
});

test('a command is told as it would be typed, nearly', () => {
  assert.equal(commandText(['sh', '-c', 'a b']), "sh -c 'a b'");
  assert.equal(commandText(['sh']), 'sh');
});

test('what is said about an image is told with it', () => {
  const image = { ...fakeImage('a:1', {}), attestations: [{ digest: `sha256:${'a'.repeat(64)}`, predicateTypes: ['https://spdx.dev/Document'] }] };
  const { Attestations } = renderImage(image, new ImageConfigs().of(image), 1051);
  assert.deepEqual(Attestations, [{ Digest: `sha256:${'a'.repeat(64)}`, PredicateTypes: ['https://spdx.dev/Document'] }]);
  assert.equal('Attestations' in renderImage(fakeImage('a:1', {}), new ImageConfigs().of(image), 1051), false);
});

test('an image without a comment has that of its last step', () => {
  const image = { ...fakeImage('a:1', {}), comment: '' };
  const config = { ...configs.of(image), history: ['first', 'last'].map((comment) => ({ created: '', createdBy: '', comment, isEmpty: false })) };
  assert.deepEqual([renderImage(image, config, 1051).Comment, renderImage({ ...image, comment: 'own' }, config, 1051).Comment], ['last', 'own']);
  assert.equal(renderImage(image, { ...config, history: [] }, 1051).Comment, '');
});

test('images of older versions', () => {
  const image = { ...fakeImage('a:1', { Env: ['A=1'] }), tags: [], digests: [] };
  const config = configs.of(image);
  assert.deepEqual(renderImageSummary(image, config, { containers: 2, sharedSize: -1 }, 1042).RepoTags, ['<none>:<none>']);
  assert.deepEqual(renderImageSummary(image, config, { containers: 2, sharedSize: -1 }, 1051).RepoTags, []);
  assert.equal(renderImageSummary(image, config, { containers: 2, sharedSize: -1 }, 1043).VirtualSize, 1982447);
  assert.equal('Hostname' in renderImage(image, config, 1049).Config, true);
  assert.equal('Hostname' in renderImage(image, config, 1051).Config, false);
});

test('an exec', () => {
  const exec: Exec = {
    spec: { id: 'e'.repeat(64) as never, container: id, args: ['id', '-u'], env: [], cwd: '/', user: '1', terminal: false, attachStdin: false, attachStdout: true, attachStderr: false, privileged: false, detachKeys: 'ctrl-a', front: {} },
    state: { phase: 'exited', exitCode: 0, process: { pid: 9, startTime: '1' } },
  };
  assert.deepEqual(renderExec(exec), {
    ID: 'e'.repeat(64), Running: false, ExitCode: 0, ProcessConfig: { tty: false, entrypoint: 'id', arguments: ['-u'], privileged: false, user: '1' }, OpenStdin: false, OpenStderr: false, OpenStdout: true,
    CanRemove: false, ContainerID: id, DetachKeys: 'AQ==', Pid: 9,
  });
});
