import type { Clock } from '#base/clock.ts';
import { claimSpec, isBound, isMeant, type PodClaim } from '#cluster/controllers/volume-shape.ts';
import type { KubeObject } from '#cluster/kinds/object.ts';
import { keyOf } from '#cluster/loop/controller.ts';
import type { ObjectCache } from '#cluster/loop/object-cache.ts';
import type { NodePort } from './node-port.ts';
import { specOf } from './pod.ts';
import type { NodeRoom } from './resize.ts';
import { podImage, type ImageParts } from './pod-image.ts';
import { serviceVariables } from './service-env.ts';
import { namedBy, planVolumes, tokenKey, wantedTokens, type TokenProjection, type VolumePlace, type VolumePlan, type VolumeSources } from './volumes.ts';

export interface PodVolumesParts extends ImageParts {
  readonly nodeName: string;
  readonly hostIp: string;
  readonly room: NodeRoom;
  readonly rootCa: string;
  readonly pods: ObjectCache;
  readonly configMaps: ObjectCache;
  readonly secrets: ObjectCache;
  readonly services: ObjectCache;
  readonly claims: ObjectCache;
  readonly volumes: ObjectCache;
  readonly node: NodePort;
  readonly token: (pod: KubeObject, wanted: TokenProjection) => Promise<string>;
  readonly clock: Clock;
  /** Something that a pod's volumes show has changed. By the pod's key. */
  readonly wake: (key: string) => void;
}

interface Kept {
  readonly tokens: Map<string, { readonly token: string; readonly renewMs: number }>;
  isStale: boolean;
  /** Labels and annotations that its files may show. */
  shown: string;
}

/** A token is renewed when so much of its life is over, as by the kubelet. */
const RENEWED_AT = 0.8;
const DEFAULT_SECONDS = 3600;

/** The volumes of the node's pods: made when a container needs them, and kept as what they show is while it runs. */
export class PodVolumes {
  readonly #parts: PodVolumesParts;
  /** By uid; nothing of a pod that an earlier life of the agent saw to. */
  readonly #kept = new Map<string, Kept>();

  constructor(parts: PodVolumesParts) {
    this.#parts = parts;
    parts.configMaps.onChange(({ metadata }) => this.#changed('configMap', metadata.namespace, metadata.name));
    parts.secrets.onChange(({ metadata }) => this.#changed('secret', metadata.namespace, metadata.name));
  }

  /** @returns where each volume is */
  async provide(pod: KubeObject, sources: VolumeSources): Promise<ReadonlyMap<string, VolumePlace>> {
    const places = new Map<string, VolumePlace>();
    const kept = this.#keptOf(pod);
    kept.isStale = false;
    kept.shown = shownOf(pod);
    for (const volume of planVolumes(pod, sources)) places.set(volume.name, volume.kind === 'image' ? await this.#imageOf(pod, volume) : await this.#parts.node.provideVolume(pod.metadata.uid, volume));
    return places;
  }

  async #imageOf(pod: KubeObject, { reference, pullPolicy }: Extract<VolumePlan, { readonly kind: 'image' }>): Promise<VolumePlace> {
    const { id } = await podImage(this.#parts, pod, { image: reference, ...(pullPolicy === undefined ? {} : { imagePullPolicy: pullPolicy }) });
    return { image: id, reference };
  }

  /** Brings the files of a pod that runs up to date. @returns after how many ms it has to be done again; undefined: when something changes */
  async refresh(pod: KubeObject, podIp: string): Promise<number | undefined> {
    if (!(specOf(pod).volumes ?? []).some((volume) => ['configMap', 'secret', 'downwardAPI', 'projected'].some((kind) => volume[kind] !== undefined))) return undefined;
    const kept = this.#keptOf(pod);
    if (kept.isStale || kept.shown !== shownOf(pod) || this.#renewalMs(pod) <= 0) {
      kept.isStale = false;
      kept.shown = shownOf(pod);
      for (const volume of planVolumes(pod, await this.sources(pod, podIp))) if (volume.kind === 'files') await this.#parts.node.provideVolume(pod.metadata.uid, volume);
    }
    const renewal = this.#renewalMs(pod);
    return Number.isFinite(renewal) ? Math.max(renewal, 1) : undefined;
  }

  async sources(pod: KubeObject, podIp: string): Promise<VolumeSources> {
    const { configMaps, secrets, services, hostIp, room, rootCa } = this.#parts;
    const { namespace } = pod.metadata;
    return {
      hostIp, room, podIp, rootCa, tokens: await this.#tokens(pod), services: serviceVariables(services, namespace, specOf(pod).enableServiceLinks !== false), claim: (claim) => this.claimed(pod, claim),
      configMap: (name) => textsOf(configMaps.get(namespace, name)), secret: (name) => decodedTexts(secrets.get(namespace, name)),
      files: (kind, name) => bytesOf((kind === 'configMap' ? configMaps : secrets).get(namespace, name), kind),
    };
  }

  /** The volume that a claim has. */
  claimed(pod: KubeObject, meant: PodClaim): KubeObject | undefined {
    const claim = this.#parts.claims.get(pod.metadata.namespace, meant.name);
    return claim === undefined || !isMeant(pod, meant, claim) || !isBound(claim) ? undefined : this.#parts.volumes.get(undefined, claimSpec(claim).volumeName ?? '');
  }

  async remove(uid: string): Promise<void> {
    this.#kept.delete(uid);
    await this.#parts.node.removeVolumes(uid);
  }

  #keptOf({ metadata: { uid } }: KubeObject): Kept {
    const kept = this.#kept.get(uid) ?? { tokens: new Map(), isStale: true, shown: '' };
    this.#kept.set(uid, kept);
    return kept;
  }

  #changed(kind: 'configMap' | 'secret', namespace: string | undefined, name: string): void {
    for (const pod of this.#parts.pods.list(namespace)) {
      if (specOf(pod).nodeName !== this.#parts.nodeName || !namedBy(pod, kind).has(name)) continue;
      this.#keptOf(pod).isStale = true;
      this.#parts.wake(keyOf(pod));
    }
  }

  async #tokens(pod: KubeObject): Promise<ReadonlyMap<string, string>> {
    const { tokens } = this.#keptOf(pod);
    for (const wanted of wantedTokens(pod)) {
      const key = tokenKey(wanted);
      const nowMs = this.#nowMs();
      if ((tokens.get(key)?.renewMs ?? 0) > nowMs) continue;
      tokens.set(key, { token: await this.#parts.token(pod, wanted), renewMs: nowMs + (wanted.expirationSeconds ?? DEFAULT_SECONDS) * 1000 * RENEWED_AT });
    }
    return new Map([...tokens].map(([key, { token }]) => [key, token]));
  }

  /** Until the first token has to be renewed. */
  #renewalMs(pod: KubeObject): number {
    const { tokens } = this.#keptOf(pod);
    return Math.min(...wantedTokens(pod).map((wanted) => tokens.get(tokenKey(wanted))?.renewMs ?? 0)) - this.#nowMs();
  }

  #nowMs(): number {
    return Number(this.#parts.clock.nowNs() / 1_000_000n);
  }
}

const shownOf = ({ metadata: { labels = {}, annotations = {} } }: KubeObject): string => JSON.stringify([labels, annotations]);

/** Its `binaryData` is no text, and in no environment. */
function textsOf(map: KubeObject | undefined): Map<string, string> | undefined {
  return map === undefined ? undefined : new Map(Object.entries((map['data'] ?? {}) as Record<string, string>));
}

function decodedTexts(secret: KubeObject | undefined): Map<string, string> | undefined {
  return secret === undefined ? undefined : new Map([...bytesOf(secret, 'secret') ?? []].map(([key, bytes]) => [key, new TextDecoder().decode(bytes)]));
}

/** What the files of a volume are made of: bytes as they are, whether they are text or not. */
function bytesOf(object: KubeObject | undefined, kind: 'configMap' | 'secret'): Map<string, Uint8Array> | undefined {
  if (object === undefined) return undefined;
  const files = new Map<string, Uint8Array>();
  if (kind === 'configMap') for (const [key, text] of Object.entries((object['data'] ?? {}) as Record<string, string>)) files.set(key, new TextEncoder().encode(text));
  for (const [key, text] of Object.entries((object[kind === 'configMap' ? 'binaryData' : 'data'] ?? {}) as Record<string, string>)) files.set(key, Uint8Array.fromBase64(text));
  return files;
}

