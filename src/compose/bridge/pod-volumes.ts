import type { JsonObject } from '#base/json.ts';
import { fileMounts } from '../lower/lower-mounts.ts';
import { parseBytes } from '../model/bytes.ts';
import type { Service, VolumeMount } from '../model/service-kind.ts';
import type { Conversion } from './conversion.ts';
import { boundFile, declaredFile, type FileSource } from './file-objects.ts';
import { some, type Manifest } from './manifest.ts';
import { objectName } from './names.ts';
import { quantityOfBytes } from './resources.ts';

const DEFAULT_FILE_MODE = 0o444;

/** Everything that the containers of one pod mount. */
export class PodVolumes {
  readonly #conversion: Conversion;
  readonly #volumes = new Map<string, JsonObject>();
  readonly #files = new Map<string, Manifest>();
  #scratch = 0;

  constructor(conversion: Conversion) {
    this.#conversion = conversion;
  }

  /** The pod's `volumes`. */
  get volumes(): readonly JsonObject[] | undefined {
    return some([...this.#volumes.values()]);
  }

  /** ConfigMaps and Secrets that have to be there. */
  get files(): readonly Manifest[] {
    return [...this.#files.values()];
  }

  /** The `volumeMounts` of a container. */
  mountsOf(name: string, service: Service): readonly JsonObject[] | undefined {
    const path = `services.${name}`;
    const declared = (service.volumes ?? []).flatMap((mount) => this.#mount(name, `${path}.volumes(${mount.target})`, mount));
    const temporary = (service.tmpfs ?? []).map((entry) => this.#tmpfs(path, entry));
    const shared = (service.shm_size ?? 0) > 0 ? [this.#memory('/dev/shm', service.shm_size)] : [];
    return some([...declared, ...temporary, ...shared, ...this.#placedFiles(path, service)].toSorted((a, b) => (String(a['mountPath']) < String(b['mountPath']) ? -1 : 1)));
  }

  #mount(service: string, path: string, mount: VolumeMount): JsonObject[] {
    const { findings } = this.#conversion;
    const { type = 'volume', source = '', target = '', read_only } = mount;
    const common = { mountPath: target, readOnly: read_only === true ? true : undefined };
    if (type === 'tmpfs') return [this.#memory(target, mount.tmpfs?.size)];
    if (type === 'image') {
      this.#add(objectName(`image-${source}`), { image: { reference: source, pullPolicy: 'IfNotPresent' } });
      return [{ name: objectName(`image-${source}`), ...common, readOnly: true, subPath: mount.image?.subpath }];
    }
    if (type === 'bind') return this.#bind(service, path, mount);
    if (type !== 'volume') {
      findings.refuse(path, `a mount of type ${type} has no counterpart`, 'use a volume');
      return [];
    }
    // A volume without a name lives as long as its container does, or its pod.
    if (source === '') return [{ name: this.#scratchVolume({}), ...common }];
    const declared = this.#conversion.project.volumes.get(source);
    const claimName = declared?.external === true ? declared.name ?? source : objectName(source);
    const name = objectName(`volume-${source}`);
    this.#add(name, { persistentVolumeClaim: { claimName } });
    return [{ name, ...common, subPath: mount.volume?.subpath }];
  }

  /** Nodes have none of this machine's files. What is only read, and small, can go with the objects. */
  #bind(service: string, path: string, { source = '', target = '', read_only, bind }: VolumeMount): JsonObject[] {
    const { findings, readMounted } = this.#conversion;
    const bytes = readMounted(source);
    if (bytes === undefined || bytes === 'directory' || read_only !== true || bind?.propagation !== undefined) {
      const why = bytes === undefined ? `${source} is no file that could go with the objects` : bytes === 'directory' ? `${source} is a directory of this machine` : `${source} is a file of this machine that may be written to`;
      findings.refuse(path, `${why}, and a node has none of it`, bytes instanceof Uint8Array ? 'mount it read-only (:ro), or use a volume' : 'copy it into the image, use configs, or a volume');
      return [];
    }
    return [this.#file(boundFile(this.#conversion, service, source, path, bytes), target, DEFAULT_FILE_MODE)];
  }

  #placedFiles(path: string, service: Service): JsonObject[] {
    const { project, findings } = this.#conversion;
    return fileMounts(project, service).flatMap(({ target, mount, object }) => {
      const isSecret = project.secrets.get(mount.source ?? '') === object && (service.secrets ?? []).includes(mount);
      if (Number(mount.uid ?? 0) !== 0 || Number(mount.gid ?? 0) !== 0) findings.refuse(`${path}.${isSecret ? 'secrets' : 'configs'}`, `${mount.source} has an owner, and a pod's files belong to root`, 'leave out uid and gid, and set a mode that others may read');
      const file = declaredFile(this.#conversion, isSecret ? 'Secret' : 'ConfigMap', mount.source ?? '', object);
      return file === undefined ? [] : [this.#file(file, target, mount.mode ?? DEFAULT_FILE_MODE)];
    });
  }

  #file({ kind, name, key, object }: FileSource, mountPath: string, mode: number): JsonObject {
    if (object !== undefined) this.#files.set(`${kind}/${name}`, object);
    const volume = objectName(`${kind === 'Secret' ? 'secret' : 'config'}-${name}${mode === DEFAULT_FILE_MODE ? '' : `-${mode.toString(8)}`}`);
    this.#add(volume, kind === 'Secret' ? { secret: { secretName: name, defaultMode: mode } } : { configMap: { name, defaultMode: mode } });
    return { name: volume, mountPath, subPath: key, readOnly: true };
  }

  #tmpfs(path: string, entry: string): JsonObject {
    const at = entry.indexOf(':');
    const [target, options] = at === -1 ? [entry, ''] : [entry.slice(0, at), entry.slice(at + 1)];
    let size: number | undefined;
    for (const option of options.split(',').filter((text) => text !== '')) {
      const [, amount = ''] = /^size=(.+)$/.exec(option) ?? [];
      if (amount === '') this.#conversion.findings.warn(`${path}.tmpfs`, `${option} has no field in Kubernetes: it is left out`);
      else size = parseBytes(amount);
    }
    return this.#memory(target, size);
  }

  #memory(mountPath: string, size: number | undefined): JsonObject {
    return { name: this.#scratchVolume({ medium: 'Memory', sizeLimit: size === undefined || size <= 0 ? undefined : quantityOfBytes(size) }), mountPath };
  }

  #scratchVolume(emptyDir: JsonObject): string {
    const name = `scratch-${(this.#scratch += 1)}`;
    this.#add(name, { emptyDir });
    return name;
  }

  #add(name: string, source: JsonObject): void {
    const volume = { name, ...source };
    const other = this.#volumes.get(name);
    if (other !== undefined && JSON.stringify(other) !== JSON.stringify(volume)) this.#conversion.findings.refuse(`volume ${name}`, 'two that are mounted would have this name in the pod', 'rename one of them');
    this.#volumes.set(name, volume);
  }
}
