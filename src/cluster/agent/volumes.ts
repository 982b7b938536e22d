import { GantryError } from '#base/error.ts';
import { LOCAL_PROVISIONER, ownClaimName, PROVISIONED_BY, volumeSpec, type PodClaim } from '#cluster/controllers/volume-shape.ts';
import type { KubeObject } from '#cluster/kinds/object.ts';
import { parseQuantity, wholeValue } from '#cluster/kinds/quantity.ts';
import type { ImageId } from '#container/model/ids.ts';
import type { Mount, Propagation } from '#container/model/mount.ts';
import { expand, fieldOf, resourceOf, type EnvSources } from './env.ts';
import { specOf, type PodContainer, type PodVolume } from './pod.ts';

/** A volume of a pod as the node has it. */
export type VolumePlan =
  /** A directory of the pod's own, that goes with it; in memory where asked for, and then no larger than so many bytes. */
  | { readonly kind: 'empty'; readonly name: string; readonly memory: boolean; readonly sizeBytes?: number; readonly group?: VolumeGroup }
  /** Files with these contents; a change of them is seen by the container. */
  | { readonly kind: 'files'; readonly name: string; readonly files: ReadonlyMap<string, { readonly bytes: Uint8Array; readonly mode: number }>; readonly group?: VolumeGroup }
  | { readonly kind: 'host'; readonly name: string; readonly path: string; readonly create: boolean; readonly mode?: number; readonly group?: VolumeGroup }
  /** The files of an image, to read only. */
  | { readonly kind: 'image'; readonly name: string; readonly reference: string; readonly pullPolicy?: string };

/** A volume that is a directory of the node. */
export type DirectoryPlan = Exclude<VolumePlan, { readonly kind: 'image' }>;

/** Whose the files of a volume are beside their owner's: what is written there later, too. */
export interface VolumeGroup {
  readonly gid: number;
  /** Nothing is looked at where the volume's root is the group's. */
  readonly onlyWhereRootDiffers: boolean;
}

/** Where a node has a volume. */
export type VolumePlace = string | { readonly image: ImageId; readonly reference: string };

export interface VolumeSources extends EnvSources {
  /** The certificate of the cluster's authority, where the namespace has not got it yet. */
  readonly rootCa: string;
  /** The volume that a claim of the pod's namespace is bound to. */
  claim(claim: PodClaim): KubeObject | undefined;
  /** What a ConfigMap or Secret of the pod's namespace has, as bytes; undefined where there is none. */
  files(kind: 'configMap' | 'secret', name: string): ReadonlyMap<string, Uint8Array> | undefined;
  /** By `tokenKey`. */
  readonly tokens: ReadonlyMap<string, string>;
}

/** A token of the pod's service account that a volume asks for (`core.v1.ServiceAccountTokenProjection`). */
export interface TokenProjection {
  readonly path: string;
  /** Empty: the API itself. */
  readonly audience?: string;
  readonly expirationSeconds?: number;
}

export const tokenKey = ({ audience = '', expirationSeconds = 3600 }: TokenProjection): string => `${expirationSeconds} ${audience}`;

/** Every token that the pod's volumes ask for. */
export function wantedTokens(pod: KubeObject): readonly TokenProjection[] {
  return (specOf(pod).volumes ?? []).flatMap((volume) => (volume['projected'] as { readonly sources?: readonly ProjectedSource[] } | undefined)?.sources ?? []).flatMap(({ serviceAccountToken }) => serviceAccountToken ?? []);
}

/** The ConfigMaps or Secrets that the pod's volumes show. */
export function namedBy(pod: KubeObject, kind: 'configMap' | 'secret'): ReadonlySet<string> {
  return new Set((specOf(pod).volumes ?? []).flatMap((volume) => {
    const own = volume[kind] as { readonly name?: string; readonly secretName?: string } | undefined;
    const parts = (volume['projected'] as { readonly sources?: readonly ProjectedSource[] } | undefined)?.sources ?? [];
    return [own?.name ?? own?.secretName, ...parts.map((source) => source[kind]?.name)].filter((name) => name !== undefined);
  }));
}

interface KeyToPath { readonly key: string; readonly path: string; readonly mode?: number }
interface Projection { readonly name?: string; readonly items?: readonly KeyToPath[]; readonly optional?: boolean }

const FILE_MODE = 0o644;
const GROUP_READS = 0o440;

export function planVolumes(pod: KubeObject, sources: VolumeSources): VolumePlan[] {
  const { fsGroup: gid, fsGroupChangePolicy } = specOf(pod).securityContext ?? {};
  const group = gid === undefined ? undefined : { gid, onlyWhereRootDiffers: fsGroupChangePolicy === 'OnRootMismatch' };
  return (specOf(pod).volumes ?? []).map((volume) => {
    const plan = planVolume(pod, volume, sources);
    return group === undefined ? plan : ownedBy(plan, group, volume);
  });
}

/** Paths of the host are nobody's but the host's. */
function ownedBy(plan: VolumePlan, group: VolumeGroup, volume: PodVolume): VolumePlan {
  if (plan.kind === 'files') return { ...plan, group, files: new Map([...plan.files].map(([path, { bytes, mode }]) => [path, { bytes, mode: mode | GROUP_READS }])) };
  return plan.kind === 'empty' || (plan.kind === 'host' && (volume['persistentVolumeClaim'] !== undefined || volume['ephemeral'] !== undefined)) ? { ...plan, group } : plan;
}

/** A file in memory takes memory of the pod: it has no more of it than its containers may. */
function emptyPlan(pod: KubeObject, name: string, { medium, sizeLimit }: { readonly medium?: string; readonly sizeLimit?: string }): VolumePlan {
  if (medium !== 'Memory') return { kind: 'empty', name, memory: false };
  const bytes = (text: string): number => Number(wholeValue(parseQuantity(String(text))));
  const limits = specOf(pod).containers.map(({ resources }) => resources?.limits?.['memory']);
  const bounds = [...(sizeLimit === undefined ? [] : [bytes(sizeLimit)]), ...(limits.every((limit) => limit !== undefined) ? [limits.reduce((sum, limit) => sum + bytes(limit), 0)] : [])].filter((size) => size > 0);
  return { kind: 'empty', name, memory: true, ...(bounds.length === 0 ? {} : { sizeBytes: Math.min(...bounds) }) };
}

function planVolume(pod: KubeObject, volume: PodVolume, sources: VolumeSources): VolumePlan {
  const { name } = volume;
  const empty = volume['emptyDir'] as { readonly medium?: string; readonly sizeLimit?: string } | undefined;
  if (empty !== undefined) return emptyPlan(pod, name, empty);
  const image = volume['image'] as { readonly reference?: string; readonly pullPolicy?: string } | undefined;
  if (image !== undefined) return { kind: 'image', name, reference: image.reference ?? '', ...(image.pullPolicy === undefined ? {} : { pullPolicy: image.pullPolicy }) };
  const host = volume['hostPath'] as { readonly path: string; readonly type?: string } | undefined;
  if (host !== undefined) return { kind: 'host', name, path: host.path, create: host.type === 'DirectoryOrCreate' };
  const claim = volume['persistentVolumeClaim'] as { readonly claimName: string } | undefined;
  if (claim !== undefined) return claimed(name, { name: claim.claimName, isOwn: false }, sources);
  if (volume['ephemeral'] !== undefined) return claimed(name, { name: ownClaimName(pod, name), isOwn: true }, sources);
  const map = volume['configMap'] as (Projection & { readonly defaultMode?: number }) | undefined;
  if (map !== undefined) return files(name, projected(map, sources.files('configMap', map.name ?? ''), `configmap "${map.name}"`, map.defaultMode));
  const secret = volume['secret'] as ({ readonly secretName?: string; readonly items?: readonly KeyToPath[]; readonly optional?: boolean; readonly defaultMode?: number }) | undefined;
  if (secret !== undefined) return files(name, projected(secret, sources.files('secret', secret.secretName ?? ''), `secret "${secret.secretName}"`, secret.defaultMode));
  const downward = volume['downwardAPI'] as { readonly items?: readonly DownwardItem[]; readonly defaultMode?: number } | undefined;
  if (downward !== undefined) return files(name, downwardFiles(pod, downward.items ?? [], sources, downward.defaultMode));
  const all = volume['projected'] as { readonly sources?: readonly ProjectedSource[]; readonly defaultMode?: number } | undefined;
  if (all !== undefined) return files(name, (all.sources ?? []).flatMap((source) => projectedSource(pod, source, sources, all.defaultMode)));
  const kind = Object.keys(volume).find((key) => key !== 'name') ?? 'nothing';
  const driver = (volume['csi'] as { readonly driver?: string } | undefined)?.driver;
  if (driver !== undefined) throw new GantryError('unimplemented', `volume ${JSON.stringify(name)} is mounted by the CSI driver ${driver}, and no drivers run on this node`, { hint: 'use a claim of the class standard, or an emptyDir' });
  throw new GantryError('unimplemented', `volume ${JSON.stringify(name)}: ${kind} is not supported on this node`, { hint: 'emptyDir, hostPath, persistentVolumeClaim, ephemeral, image, configMap, secret, downwardAPI and projected are' });
}

/** Claims that the pod mounts to read only. */
export function fixedVolumes(pod: KubeObject): ReadonlySet<string> {
  return new Set((specOf(pod).volumes ?? []).filter((volume) => (volume['persistentVolumeClaim'] as { readonly readOnly?: boolean } | undefined)?.readOnly === true).map(({ name }) => name));
}

/** Whoever runs in the pod may write there, as on any volume that is the pod's own. */
const OPEN_MODE = 0o777;

function claimed(name: string, claim: PodClaim, sources: VolumeSources): VolumePlan {
  const volume = sources.claim(claim);
  if (volume === undefined) throw new GantryError('not-found', `persistentvolumeclaim "${claim.name}" is not bound`);
  const { local, hostPath } = volumeSpec(volume);
  if (local !== undefined) return { kind: 'host', name, path: local.path, create: volume.metadata.annotations?.[PROVISIONED_BY] === LOCAL_PROVISIONER, mode: OPEN_MODE };
  if (hostPath !== undefined) return { kind: 'host', name, path: hostPath.path, create: hostPath.type === undefined || hostPath.type === '' || hostPath.type === 'DirectoryOrCreate' };
  const driver = (volumeSpec(volume) as { readonly csi?: { readonly driver?: string } }).csi?.driver;
  throw new GantryError('unimplemented', `volume ${volume.metadata.name} of claim "${claim.name}" is ${driver === undefined ? 'of a kind that this node does not mount' : `mounted by the CSI driver ${driver}, and no drivers run on this node`}`, { hint: 'local and hostPath are mounted' });
}

interface DownwardItem { readonly path: string; readonly fieldRef?: { readonly fieldPath: string }; readonly resourceFieldRef?: { readonly resource: string; readonly containerName?: string; readonly divisor?: string }; readonly mode?: number }
interface ProjectedSource { readonly configMap?: Projection; readonly secret?: Projection; readonly downwardAPI?: { readonly items?: readonly DownwardItem[] }; readonly serviceAccountToken?: TokenProjection }
type File = readonly [path: string, bytes: Uint8Array, mode: number];

const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text);

function projectedSource(pod: KubeObject, { configMap, secret, downwardAPI, serviceAccountToken, ...rest }: ProjectedSource, sources: VolumeSources, mode: number | undefined): File[] {
  if (configMap !== undefined) return projected(configMap, sources.files('configMap', configMap.name ?? '') ?? (configMap.name === 'kube-root-ca.crt' ? new Map([['ca.crt', bytesOf(sources.rootCa)]]) : undefined), `configmap "${configMap.name}"`, mode);
  if (secret !== undefined) return projected(secret, sources.files('secret', secret.name ?? ''), `secret "${secret.name}"`, mode);
  if (downwardAPI !== undefined) return downwardFiles(pod, downwardAPI.items ?? [], sources, mode);
  if (serviceAccountToken === undefined) throw new GantryError('unimplemented', `a projected volume has a source that this node does not know: ${Object.keys(rest).join() || 'none'}`, { hint: 'configMap, secret, downwardAPI and serviceAccountToken are known' });
  return [[serviceAccountToken.path, bytesOf(sources.tokens.get(tokenKey(serviceAccountToken)) ?? ''), mode ?? FILE_MODE]];
}

function projected({ items, optional }: Projection, found: ReadonlyMap<string, Uint8Array> | undefined, what: string, mode = FILE_MODE): File[] {
  if (found === undefined) {
    if (optional === true) return [];
    throw new GantryError('not-found', `${what} not found`);
  }
  if (items === undefined) return [...found].map(([key, bytes]) => [key, bytes, mode]);
  return items.flatMap(({ key, path, mode: own }): File[] => {
    const bytes = found.get(key);
    if (bytes !== undefined) return [[path, bytes, own ?? mode]];
    if (optional === true) return [];
    throw new GantryError('not-found', `${what} has no key ${JSON.stringify(key)}`);
  });
}

function downwardFiles(pod: KubeObject, items: readonly DownwardItem[], sources: VolumeSources, defaultMode = FILE_MODE): File[] {
  return items.flatMap(({ path, fieldRef, resourceFieldRef, mode = defaultMode }): File[] => {
    if (fieldRef !== undefined) return [[path, bytesOf(fieldOf(pod, fieldRef.fieldPath, sources)), mode]];
    const [first] = specOf(pod).containers;
    return resourceFieldRef === undefined || first === undefined ? [] : [[path, bytesOf(resourceOf(pod, first, resourceFieldRef, sources.room)), mode]];
  });
}

/** @throws GantryError invalid for a path that would leave the volume */
function files(name: string, list: readonly File[]): VolumePlan {
  for (const [path] of list) if (path.startsWith('/') || path.split('/').some((part) => part === '..' || part === '')) throw new GantryError('invalid', `volume ${JSON.stringify(name)}: ${JSON.stringify(path)} is no path below it`);
  return { kind: 'files', name, files: new Map(list.map(([path, bytes, mode]) => [path, { bytes, mode }])) };
}

/** Whether mounts of the host are seen that come later, and mounts of the container by the host. */
const PROPAGATIONS: Readonly<Record<string, Propagation>> = { HostToContainer: 'rslave', Bidirectional: 'rshared' };

/** The mounts of a container. @param placeOf where the node has a volume @param fixed volumes that nobody writes to @throws GantryError not-found for a volume that the pod does not have */
export function mountsOf(container: PodContainer, placeOf: (volume: string) => VolumePlace | undefined, fixed: ReadonlySet<string> = new Set(), environment: readonly string[] = []): Mount[] {
  const values = new Map(environment.map((entry) => [entry.slice(0, entry.indexOf('=')), entry.slice(entry.indexOf('=') + 1)] as const));
  return (container.volumeMounts ?? []).map(({ name, mountPath, readOnly = false, subPath: plain = '', subPathExpr = '', mountPropagation = 'None', recursiveReadOnly = 'Disabled' }) => {
    const subPath = subPathExpr === '' ? plain : expand(subPathExpr, values);
    const unknown = subPathExpr === '' ? null : /\$\(([^()]*)\)/.exec(subPath);
    if (unknown !== null) throw new GantryError('invalid', `container ${container.name}: the subPathExpr ${JSON.stringify(subPathExpr)} names ${unknown[1]}, which its environment does not have`);
    const path = placeOf(name);
    if (path === undefined) throw new GantryError('not-found', `container ${container.name} mounts ${JSON.stringify(name)}, and the pod has no such volume`);
    if (subPath.startsWith('/') || subPath.split('/').includes('..')) throw new GantryError('invalid', `container ${container.name}: the subPath ${JSON.stringify(subPath)} leaves the volume`);
    if (typeof path !== 'string') return { kind: 'image', ...path, target: mountPath, readonly: true, ...(subPath === '' ? {} : { subpath: subPath }) };
    return { kind: 'bind', source: subPath === '' ? path : `${path}/${subPath}`, target: mountPath, readonly: readOnly || fixed.has(name), ...(recursiveReadOnly === 'Disabled' ? {} : { readonlyBelow: true }), propagation: PROPAGATIONS[mountPropagation] ?? 'rprivate', recursive: true, createSource: subPath !== '' };
  });
}
