import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { StepKind } from '#container/host/step.ts';
import type { ContainerSpec } from '#container/model/container-spec.ts';
import type { ContainerId } from '#container/model/ids.ts';
import { planStart } from './start-plan.ts';
import { request } from './_simulation.ts';

const LINKS: readonly StepKind[] = ['link-network', 'publish'];

function kinds(change: { readonly sysctls?: Readonly<Record<string, string>>; readonly hasHooks?: boolean; readonly network?: ContainerSpec['sandbox']['network'] } = {}): StepKind[] {
  const asked = request('web');
  const { sysctls = {}, network = asked.sandbox.network, hasHooks = false } = change;
  const ports = network.kind === 'network' ? [{ protocol: 'tcp', containerPort: 80, hostAddress: '', hostPort: 8080 } as const] : [];
  const { steps } = planStart({
    spec: { ...asked, id: 'a'.repeat(64) as ContainerId, createdNs: '0', sandbox: { ...asked.sandbox, sysctls, network } },
    bundle: '/run/b', cgroup: '/g/a', logPath: '/var/log', overlay: { lower: [], upper: '', work: '', target: '', options: [] }, specJson: '{}', files: [],
    endpoints: [], network: { links: [], settings: [], routes: [] }, published: ports, mounts: { places: [], steps: [] }, hasHooks, cause: 'request',
  });
  return steps.map(({ kind }) => kind);
}

test('links and ports are made while the runtime creates the container, and are there before its program starts', () => {
  assert.deepEqual(kinds(), ['make-directory', 'write-files', 'open-network', 'begin-creation', ...LINKS, 'create-container', 'start-container']);
});

test('what the runtime does to the network while it creates finds the links there', () => {
  const linksFirst = ['make-directory', 'write-files', 'open-network', ...LINKS, 'begin-creation', 'create-container', 'start-container'];
  assert.deepEqual(kinds({ sysctls: { 'net.ipv4.conf.eth0.forwarding': '1' } }), linksFirst);
  assert.deepEqual(kinds({ sysctls: { 'net/ipv4/conf/eth0/forwarding': '1' } }), linksFirst);
  assert.deepEqual(kinds({ hasHooks: true }), linksFirst);
  assert.deepEqual(kinds({ sysctls: { 'kernel.msgmax': '1' } }), kinds());
});

test('a container in the network of the host or of another has none to link', () => {
  assert.deepEqual(kinds({ network: { kind: 'host' } }), ['make-directory', 'write-files', 'begin-creation', 'create-container', 'start-container']);
});
