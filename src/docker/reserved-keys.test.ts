import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { test } from 'node:test';

/*
 * S-207, config as code: a label or annotation that the engine acts upon is an order, and an image must not give orders. So the
 * keys that the code knows are listed here, each with who may set it. A new one fails this test until that was thought about.
 */
const ROOT = new URL('../', import.meta.url).pathname;
const KEY = /'((?:io\.)?gantry\.[a-z][\w.-]*|(?:com\.docker|org\.opencontainers|vnd\.docker|containerd\.io|io\.containerd|io\.kubernetes|run\.oci|dev\.cosignproject|in-toto\.io)[\w./-]*)'/g;
const KNOWN: Readonly<Record<string, string>> = {
  'gantry.on-unhealthy': 'label of a container, counted where the request gave it',
  'io.gantry.pin': 'label of an image: the only one that acts from there; it keeps the image from going by itself, and does nothing else',
  'com.docker.volume.anonymous': 'written on volumes, never read',
  'run.oci.seccomp_bpf_data': 'annotation of the runtime, written by the engine alone',
  'com.docker.network.bridge.': 'option of a network\'s request', 'com.docker.network.container_iface_prefix': 'option of a network\'s request',
  'com.docker.network.driver.mtu': 'option of a network\'s request', 'com.docker.network.host_ipv': 'option of a network\'s request',
  'com.docker.network.endpoint.sysctls': 'option of an endpoint\'s request', 'com.docker.network.endpoint.ifname': 'option of an endpoint\'s request',
  'io.containerd.image.name': 'annotation of an archive: a name to load under', 'org.opencontainers.image.ref.name': 'annotation of an archive: a name to load under',
  'in-toto.io/predicate-type': 'annotation of an attestation, shown', 'vnd.docker.reference.digest': 'annotation of an attestation: what it is about', 'vnd.docker.reference.type': 'annotation of an attestation: that it is one',
  'dev.cosignproject.cosign/signature': 'annotation of a signature, which a key of the policy verifies',
  'io.kubernetes.pod.name': 'written on containers of pods', 'io.kubernetes.pod.namespace': 'written on containers of pods', 'io.kubernetes.pod.uid': 'written on containers of pods',
  'io.kubernetes.docker.type': 'written on containers of pods',
  'gantry.build.cache.v1': 'field of a config: steps of a build, read where --cache-from names the image',
  'io.containerd.runc.v2': 'name of a runtime in a request, no label',
  'io.kubernetes.container.name': 'read of containers that the agent owns, whose labels no image adds to', 'io.kubernetes.container.restartCount': 'the same',
};

test('S-207: every key that the engine knows of labels and annotations is listed with who may set it', () => {
  const paths = globSync(['container/**/*.ts', 'docker/**/*.ts', 'image/**/*.ts', 'build/**/*.ts', 'cluster/agent/**/*.ts'], { cwd: ROOT }).filter((path) => !path.endsWith('.test.ts'));
  const found = new Set(paths.flatMap((path) => [...readFileSync(`${ROOT}${path}`, 'utf8').matchAll(KEY)].map(([, key]) => key ?? '')));
  assert.deepEqual([...found].filter((key) => !Object.hasOwn(KNOWN, key)), [], 'say who may set it');
  assert.deepEqual(Object.keys(KNOWN).filter((key) => !found.has(key)), [], 'no longer there');
});
