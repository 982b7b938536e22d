import type { Timers } from '#base/clock.ts';
import type { Json, JsonObject } from '#base/json.ts';
import type { Random } from '#base/random.ts';
import { asJson, asObject, type KubeObject } from '#cluster/kinds/object.ts';
import { POD_TOKEN_SECONDS } from '../access/service-account-tokens.ts';
import type { AdmissionPlugin } from '../admission.ts';
import { generatedName } from '../names.ts';
import type { ObjectView } from '../object-view.ts';
import { forbidden } from '../refusals.ts';
import { eachContainer, isPod, podSpec } from './pod-spec.ts';

const DEFAULT = 'default';
const MOUNT_PATH = '/var/run/secrets/kubernetes.io/serviceaccount';
/** The first account of a namespace that was just made is on its way. */
const TRIES = 40;
const TRY_AGAIN_MS = 50;

/** Gives every pod its service account, and the account's token as a volume (upstream's plugin ServiceAccount). */
export function serviceAccountAdmission(parts: { readonly view: ObjectView; readonly timers: Timers; readonly random: Random }): AdmissionPlugin {
  const { view, timers, random } = parts;
  const find = async (namespace: string, name: string): Promise<KubeObject | undefined> => {
    for (let tries = 1; ; tries += 1) {
      const account = view.get('serviceaccounts', namespace, name);
      if (account !== undefined || name !== DEFAULT || tries >= TRIES) return account;
      await new Promise<void>((resolve) => void timers.after(TRY_AGAIN_MS, resolve));
    }
  };
  return {
    name: 'ServiceAccount',
    async create(of, pod) {
      if (!isPod(of)) return pod;
      const spec = podSpec(pod);
      const [namespace, asked] = [pod.metadata.namespace ?? '', spec['serviceAccountName']];
      const name = typeof asked === 'string' && asked !== '' ? asked : DEFAULT;
      const account = await find(namespace, name);
      if (account === undefined) throw forbidden(of, pod.metadata.name, `error looking up service account ${namespace}/${name}: serviceaccount ${JSON.stringify(name)} not found`);
      return asObject({ ...asJson(pod), spec: withAccount(spec, account, random) });
    },
  };
}

function withAccount(spec: JsonObject, account: KubeObject, random: Random): JsonObject {
  const { name } = account.metadata;
  const secrets = account['imagePullSecrets'] as Json | undefined;
  const pulls = Array.isArray(spec['imagePullSecrets']) && spec['imagePullSecrets'].length > 0 ? {} : Array.isArray(secrets) && secrets.length > 0 ? { imagePullSecrets: secrets as Json } : {};
  const named = { ...spec, serviceAccountName: name, serviceAccount: name, ...pulls };
  const mounts = spec['automountServiceAccountToken'] ?? account['automountServiceAccountToken'] ?? true;
  return mounts === false ? named : withToken(named, random);
}

function withToken(spec: JsonObject, random: Random): JsonObject {
  const volumes = (Array.isArray(spec['volumes']) ? spec['volumes'] : []) as readonly JsonObject[];
  const name = generatedName('kube-api-access-', random);
  let isUsed = false;
  const mounted = eachContainer(spec, (container) => {
    const mounts = (Array.isArray(container['volumeMounts']) ? container['volumeMounts'] : []) as readonly JsonObject[];
    if (mounts.some((mount) => mount['mountPath'] === MOUNT_PATH)) return container;
    isUsed = true;
    return { ...container, volumeMounts: [...mounts, { name, readOnly: true, mountPath: MOUNT_PATH }] };
  });
  return isUsed ? { ...mounted, volumes: [...volumes, tokenVolume(name)] } : spec;
}

function tokenVolume(name: string): JsonObject {
  return {
    name,
    projected: {
      sources: [
        { serviceAccountToken: { expirationSeconds: POD_TOKEN_SECONDS, path: 'token' } },
        { configMap: { name: 'kube-root-ca.crt', items: [{ key: 'ca.crt', path: 'ca.crt' }] } },
        { downwardAPI: { items: [{ path: 'namespace', fieldRef: { apiVersion: 'v1', fieldPath: 'metadata.namespace' } }] } },
      ],
      defaultMode: 0o644,
    },
  };
}
