import assert from 'node:assert/strict';
import { test } from 'node:test';
import { imagePackageUrl, packageUrl } from './package-url.ts';

test('package URLs are what their specification says', () => {
  // Examples of the specification (purl-spec, README), and what BuildKit writes for images.
  assert.equal(packageUrl({ type: 'npm', namespace: '@angular', name: 'animation', version: '12.3.1' }), 'pkg:npm/%40angular/animation@12.3.1');
  assert.equal(packageUrl({ type: 'deb', namespace: 'debian', name: 'curl', version: '7.50.3-1', qualifiers: { arch: 'i386', distro: 'jessie' } }), 'pkg:deb/debian/curl@7.50.3-1?arch=i386&distro=jessie');
  assert.equal(packageUrl({ type: 'deb', namespace: 'debian', name: 'libstdc++6', version: '1:2+b1' }), 'pkg:deb/debian/libstdc%2B%2B6@1:2%2Bb1');
  assert.equal(imagePackageUrl('docker.io/library/debian:12', { os: 'linux', architecture: 'amd64' }), 'pkg:docker/debian@12?platform=linux%2Famd64');
  assert.equal(imagePackageUrl('localhost:5000/a/b', { os: 'linux', architecture: 'arm64', variant: 'v8' }), 'pkg:docker/localhost:5000/a/b@latest?platform=linux%2Farm64%2Fv8');
});
