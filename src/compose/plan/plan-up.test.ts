import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SystemHasher } from '#base/edge/system-hasher.ts';
import { serviceHash } from '../model/service-hash.ts';
import type { Project } from '../model/project.ts';
import { openText } from '../testing/open-text.ts';
import { networkHash } from '../lower/lower-resource.ts';
import { label } from '../value/labels.ts';
import type { Observation, ObservedContainer } from './observe.ts';
import { renderPlan } from './plan.ts';
import { planDown } from './plan-down.ts';
import { planImages } from './plan-images.ts';
import { planUp, type UpOptions } from './plan-up.ts';

const hasher = new SystemHasher();
const options: UpOptions = { recreate: () => 'diverged', removeOrphans: false, ignoreOrphans: false, renewVolumes: false, start: true, wait: false, timeoutSeconds: undefined, separator: '-' };
const nothing: Observation = { containers: [], networks: new Map(), volumes: new Map(), images: new Map() };
const lines = (text: string): string[] => text.trim().split('\n').filter(Boolean);

/** A container as an up of the project would have made it. */
function made(project: Project, service: string, more: Partial<ObservedContainer> = {}): ObservedContainer {
  const config = project.services.get(service) ?? {};
  return {
    id: `${service}0123456789abcdef`, name: `${project.name}-${service}-1`, service, number: 1, oneOff: false, state: 'running', status: 'Up', image: config.image ?? '',
    labels: new Map([[label.hash, serviceHash(config, hasher)], [label.dependsOn, [...(config.depends_on ?? new Map()).keys()].map((name) => `${name}:service_started:false`).join(',')]]),
    networks: [`${project.name}_default`], volumes: [], ...more,
  };
}

/** The daemon after an up of the project. */
function after(project: Project, change: (container: ObservedContainer) => ObservedContainer = (same) => same): Observation {
  const networks = [...project.networks].map(([key, network]) => [network.name ?? key, { id: key, labels: new Map([[label.hash, networkHash(network, hasher)], [label.network, key], [label.project, project.name]]) }] as const);
  return { ...nothing, networks: new Map(networks), containers: [...project.services.keys()].map((service) => change(made(project, service))) };
}

const up = (project: Project, observed: Observation, more: Partial<UpOptions> = {}): string[] => lines(renderPlan(planUp(project, observed, { ...options, ...more }, hasher, () => '')));

const THREE = openText('services: {web: {image: w, depends_on: {db: {condition: service_healthy, restart: true}}}, db: {image: d}, job: {image: j, network_mode: "service:db"}}');

test('a first up makes everything, each thing after what it stands on', () => {
  assert.deepEqual(up(THREE, nothing), [
    '[1]: Network app_default: create (there is no such network)',
    '[2] after 1: Container app-db-1: create (there is no such container)',
    '[3] after 2: Container app-job-1: create (there is no such container)',
    '[4] after 1: Container app-web-1: create (there is no such container)',
    '[5] after 2: Container app-db-1: start (all that it needs is there)',
    '[6] after 3, 5: Container app-job-1: start (all that it needs is there)',
    '[7] after 5: Container app-db-1: wait until healthy (web depends on it)',
    '[8] after 4, 7: Container app-web-1: start (all that it needs is there)',
  ]);
});

test('an unchanged up does nothing', () => assert.deepEqual(up(THREE, after(THREE)), []));

test('what does not run is started, and nothing else', () => {
  assert.deepEqual(up(THREE, after(THREE, (container) => (container.service === 'job' ? { ...container, state: 'exited' } : container))), ['[1]: Container app-job-1: start (it does not run)']);
});

test('a container that changed is replaced, who shares with it too, and who asked for it is restarted', () => {
  const changed = openText('services: {web: {image: w, depends_on: {db: {condition: service_healthy, restart: true}}}, db: {image: d, labels: {new: "1"}}, job: {image: j, network_mode: "service:db"}}');
  const before = new Map([...THREE.services.keys()].map((service) => [service, made(THREE, service)]));
  assert.deepEqual(up(changed, { ...after(changed), containers: [...before.values()] }), [
    '[1]: Container db0123456789_app-db-1: create (its configuration changed)',
    '[2] after 1: Container app-db-1: stop (its configuration changed)',
    '[3] after 2: Container app-db-1: remove (its configuration changed)',
    '[4] after 3: Container db0123456789_app-db-1: rename to app-db-1 (its configuration changed)',
    '[5] after 4: Container job012345678_app-job-1: create (db, of which it shares something, is replaced)',
    '[6] after 5: Container app-job-1: stop (db, of which it shares something, is replaced)',
    '[7] after 6: Container app-job-1: remove (db, of which it shares something, is replaced)',
    '[8] after 7: Container job012345678_app-job-1: rename to app-job-1 (db, of which it shares something, is replaced)',
    '[9] after 4: Container app-db-1: start (all that it needs is there)',
    '[10] after 8, 9: Container app-job-1: start (all that it needs is there)',
    '[11] after 9: Container app-web-1: restart (db, on which it depends, was replaced)',
  ]);
});

const ONE = openText('services: {web: {image: w}}');

test('a newer image, another volume and a missing network are causes too', () => {
  const older = after(ONE, (container) => ({ ...container, labels: new Map([...container.labels, [label.image, 'sha256:old']]) }));
  assert.match(up(ONE, { ...older, images: new Map([['w', 'sha256:new']]) })[0] ?? '', /create \(there is a newer image\)$/);
  assert.match(up(ONE, after(ONE, (container) => ({ ...container, networks: [] })))[0] ?? '', /create \(it is not connected to app_default\)$/);
});

test('recreation can be forced and forbidden', () => {
  assert.match(up(ONE, after(ONE), { recreate: () => 'force' })[0] ?? '', /create \(it was asked for\)$/);
  const changed = after(ONE, (container) => ({ ...container, labels: new Map() }));
  assert.deepEqual(up(ONE, changed, { recreate: () => 'never' }), []);
});

test('what is more than the scale asks for goes, what is less is made', () => {
  const two = after(ONE);
  const [first] = two.containers as [ObservedContainer];
  const observed = { ...two, containers: [first, { ...first, id: 'second', name: 'app-web-2', number: 2 }] };
  assert.deepEqual(up(ONE, observed), ['[1]: Container app-web-2: stop (1 container of the service is wanted)', '[2] after 1: Container app-web-2: remove (1 container of the service is wanted)']);
  assert.deepEqual(up(openText('services: {web: {image: w, scale: 3}}'), observed).filter((line) => line.includes('create')), ['[1]: Container app-web-3: create (there is no such container)']);
});

test('a network that changed takes its containers along', () => {
  const changed = openText('services: {web: {image: w}}\nnetworks: {default: {labels: {a: b}}}');
  assert.deepEqual(up(changed, after(ONE)), [
    '[1]: Container app-web-1: stop (the configuration of network app_default changed)',
    '[2] after 1: Container app-web-1: remove (the configuration of network app_default changed)',
    '[3] after 2: Network app_default: remove (the configuration of network app_default changed)',
    '[4] after 3: Network app_default: create (the configuration of network app_default changed)',
    '[5] after 4: Container app-web-1: create (there is no such container)',
    '[6] after 5: Container app-web-1: start (all that it needs is there)',
  ]);
});

test('orphans are told of, or removed', () => {
  const orphan = { ...made(ONE, 'web'), id: 'orphan', name: 'app-old-1', service: 'old' };
  const observed = { ...after(ONE), containers: [...after(ONE).containers, orphan] };
  assert.match(planUp(ONE, observed, options, hasher, () => '').warnings[0] ?? '', /Found orphan containers \(app-old-1\)/);
  assert.deepEqual(up(ONE, observed, { removeOrphans: true }), ['[1]: Container app-old-1: stop (its service is not in the compose file)', '[2] after 1: Container app-old-1: remove (its service is not in the compose file)']);
});

test('what is external has to be there', () => {
  assert.throws(() => up(openText('services: {web: {image: w, networks: [n]}}\nnetworks: {n: {external: true}}'), nothing), /network n declared as external, but could not be found/);
});

test('down goes against the dependencies, then takes what is left', () => {
  const remains = { containers: after(THREE).containers, networks: ['app_default'], volumes: ['app_data'], images: [] };
  assert.deepEqual(lines(renderPlan(planDown(remains, { timeoutSeconds: undefined }))), [
    '[1]: Container app-web-1: stop (the project goes down)',
    '[2]: Container app-job-1: stop (the project goes down)',
    '[3] after 1, 2: Container app-db-1: stop (the project goes down)',
    '[4] after 1: Container app-web-1: remove (the project goes down)',
    '[5] after 3: Container app-db-1: remove (the project goes down)',
    '[6] after 2: Container app-job-1: remove (the project goes down)',
    '[7] after 4, 5, 6: Network app_default: remove (no container uses it any more)',
    '[8] after 4, 5, 6: Volume app_data: remove (it was asked for)',
  ]);
});

const images = (yaml: string, present: readonly string[], more: Partial<Parameters<typeof planImages>[2]> = {}): string[] =>
  lines(renderPlan(planImages(openText(yaml), new Map(present.map((image) => [image, 'sha256:x'])), { build: false, noBuild: false, pull: '', ...more })));

test('images are pulled or built where they are missing or asked for', () => {
  assert.deepEqual(images('services: {a: {image: a}, b: {build: .}, c: {image: c}}', ['c']), ['[1]: Image a: pull (the image is not there)', '[2]: Service b: build (the image is not there)']);
  assert.deepEqual(images('services: {c: {image: c, pull_policy: always}}', ['c']), ['[1]: Image c: pull (the pull policy is always)']);
  assert.deepEqual(images('services: {b: {build: ., image: b}}', ['b'], { build: true }), ['[1]: Service b: build (it was asked for)']);
  assert.deepEqual(images('services: {b: {build: {context: ., additional_contexts: {base: "service:a"}}}, a: {build: .}}', []), ['[1]: Service a: build (the image is not there)', '[2] after 1: Service b: build (the image is not there)']);
  assert.throws(() => images('services: {a: {image: a, pull_policy: never}}', []), /No such image: a/);
});

test('order: start-first lets the new container run before the old one stops', () => {
  const yaml = (label: string): string => `services: {web: {image: w, labels: {l: "${label}"}, healthcheck: {test: "true"}, deploy: {update_config: {order: start-first}}}}`;
  assert.deepEqual(up(openText(yaml('new')), after(openText(yaml('old')))), [
    '[1]: Container web012345678_app-web-1: create (its configuration changed)',
    '[2] after 1: Container web012345678_app-web-1: start (all that it needs is there)',
    '[3] after 2: Container web012345678_app-web-1: wait until healthy (order: start-first)',
    '[4] after 3: Container app-web-1: stop (its configuration changed)',
    '[5] after 4: Container app-web-1: remove (its configuration changed)',
    '[6] after 5: Container web012345678_app-web-1: rename to app-web-1 (its configuration changed)',
  ]);
  const fixed = (label: string): Project => openText(yaml(label).replace('image: w', 'image: w, ports: ["80:80"]'));
  assert.match(up(fixed('new'), after(fixed('old')))[1] ?? '', /stop/);
});
