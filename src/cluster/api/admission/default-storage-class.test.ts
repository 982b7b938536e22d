import assert from 'node:assert/strict';
import { test } from 'node:test';
import { builtInResources } from '#cluster/kinds/built-in.ts';
import { asObject, type KubeObject } from '#cluster/kinds/object.ts';
import { claimAdmission } from './default-storage-class.ts';

const kind = (name: string, isDefault: string, made: string): KubeObject => asObject({ apiVersion: 'storage.k8s.io/v1', kind: 'StorageClass', metadata: { name, creationTimestamp: made, annotations: { 'storageclass.kubernetes.io/is-default-class': isDefault } } });
const CLAIMS = builtInResources.find(({ plural }) => plural === 'persistentvolumeclaims')!;
const options = { dryRun: false, user: 'u' };

test('a claim without a class gets the newest default, one that names none keeps that, and both are kept for pods', async () => {
  const classes = [kind('old', 'true', '2026-01-01T00:00:00Z'), kind('new', 'true', '2026-02-01T00:00:00Z'), kind('other', 'false', '2026-03-01T00:00:00Z')];
  const plugin = claimAdmission({ list: () => classes, get: () => undefined });
  const admit = async (spec: Record<string, string>): Promise<KubeObject> => await plugin.create!(CLAIMS, asObject({ apiVersion: 'v1', kind: 'PersistentVolumeClaim', metadata: { name: 'c' }, spec }), options);
  assert.deepEqual([(await admit({}))['spec'], (await admit({ storageClassName: '' }))['spec']], [{ storageClassName: 'new' }, { storageClassName: '' }]);
  assert.deepEqual((await admit({})).metadata.finalizers, ['kubernetes.io/pvc-protection']);
  const bare = claimAdmission({ list: () => [], get: () => undefined });
  assert.deepEqual((await bare.create!(CLAIMS, asObject({ apiVersion: 'v1', kind: 'PersistentVolumeClaim', metadata: { name: 'c' }, spec: {} }), options))['spec'], {});
});
