import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openText } from '../testing/open-text.ts';
import { removableImages, type BuiltImage, type ImageRemoval } from './project-images.ts';

const PROJECT = openText('services: {web: {build: .}, named: {build: ., image: "own:1"}, db: {image: d}, far: {provider: {type: p}}}');
const image = (service: string, ...tags: readonly string[]): BuiltImage => ({ id: `sha256:${service}`, service, tags });
const BUILT = [image('web', 'app-web:latest', 'more:1'), image('named', 'own:1'), image('gone', 'app-gone:latest'), image('web')];
const of = (services: readonly string[], mode: ImageRemoval['mode'] = 'local'): ImageRemoval => ({ mode, isMeant: (service) => services.includes(service) });
const KNOWN = ['web', 'named', 'db', 'far'];

test('local: what was built for the services, whatever its name, and what bears a name that only a build gives', () => {
  assert.deepEqual(removableImages(PROJECT, BUILT, of(KNOWN)), ['app-web:latest', 'own:1', 'app-web']);
  assert.deepEqual(removableImages(PROJECT, [], of(KNOWN)), ['app-web']);
});

test('all: what the services name too', () => {
  assert.deepEqual(removableImages(PROJECT, [], of(KNOWN, 'all')), ['app-web', 'own:1', 'd']);
});

test('what was built for a service that does not go down stays', () => {
  assert.deepEqual(removableImages(PROJECT, BUILT, of(['named'])), ['own:1']);
  assert.deepEqual(removableImages(PROJECT, BUILT, of([...KNOWN, 'gone'])).includes('app-gone:latest'), true);
});

test('without files the labels say what belongs to the project', () => {
  assert.deepEqual(removableImages(undefined, BUILT, of(['web'], 'all')), ['app-web:latest']);
});
