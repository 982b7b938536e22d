import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { LoadedImage } from '#image/oci/load-plan.ts';
import { ofPlatform } from './image-load.ts';

const imageOf = (architecture: string, ...tags: string[]): LoadedImage => ({ id: `sha256:${'1'.repeat(64)}`, tags, config: { os: 'linux', architecture } } as unknown as LoadedImage);
const arm = { os: 'linux', architecture: 'arm64' };

test('of an archive goes in what is of the platform that was asked for', () => {
  const images = [imageOf('amd64', 'docker.io/library/a:1'), imageOf('arm64', 'docker.io/library/b:1')];
  assert.deepEqual(ofPlatform(images, arm), [images[1]]);
  assert.deepEqual(ofPlatform([], arm), []);
});

test('where nothing is, that is said', () => {
  const message = 'image with reference a:1 was found but its platform (linux/amd64) does not match the specified platform (linux/arm64)';
  assert.throws(() => ofPlatform([imageOf('amd64', 'docker.io/library/a:1')], arm), { kind: 'not-found', message });
  assert.throws(() => ofPlatform([imageOf('amd64')], arm), { message: message.replace('a:1', `sha256:${'1'.repeat(64)}`) });
});
