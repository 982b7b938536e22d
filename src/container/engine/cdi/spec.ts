import { GantryError } from '#base/error.ts';
import type { Json, JsonObject } from '#base/json.ts';

/** What a device changes in a container (Container Device Interface 1.0, SPEC.md, "OCI Edits"). */
export interface Edits {
  readonly env: readonly string[];
  readonly nodes: readonly DeviceNode[];
  readonly mounts: readonly { readonly hostPath: string; readonly containerPath: string; readonly type?: string; readonly options: readonly string[] }[];
  readonly hooks: readonly { readonly name: HookName; readonly path: string; readonly args: readonly string[]; readonly env: readonly string[]; readonly timeout?: number }[];
  readonly groups: readonly number[];
}

export interface DeviceNode {
  readonly path: string;
  readonly hostPath: string;
  readonly permissions: string;
  readonly mode?: number;
  readonly uid?: number;
  readonly gid?: number;
}

export interface CdiSpec {
  /** Where it was read, for messages. */
  readonly path: string;
  /** `vendor.com/class` */
  readonly kind: string;
  /** Of every device of the file. */
  readonly edits: Edits;
  readonly devices: ReadonlyMap<string, Edits>;
}

const HOOKS = ['prestart', 'createRuntime', 'createContainer', 'startContainer', 'poststart', 'poststop'] as const;
type HookName = (typeof HOOKS)[number];

const KIND = /^[a-z0-9]([a-z0-9_.-]*[a-z0-9])?\/[a-z0-9]([a-z0-9_-]*[a-z0-9])?$/i;
const NAME = /^[a-z0-9]([a-z0-9_.:-]*[a-z0-9])?$/i;

class Reader {
  readonly #path: string;

  constructor(path: string) {
    this.#path = path;
  }

  fault(what: string): GantryError {
    return new GantryError('invalid', `${this.#path}: ${what}`);
  }

  object(json: Json | undefined, what: string): JsonObject {
    if (json === undefined || json === null) return {};
    if (typeof json !== 'object' || Array.isArray(json)) throw this.fault(`${what} is no object`);
    return json as JsonObject;
  }

  list(json: Json | undefined, what: string): readonly Json[] {
    if (json === undefined || json === null) return [];
    if (!Array.isArray(json)) throw this.fault(`${what} is no list`);
    return json;
  }

  text(json: Json | undefined, what: string): string {
    if (typeof json !== 'string' || json === '') throw this.fault(`${what} is missing`);
    return json;
  }

  absolute(json: Json | undefined, what: string): string {
    const path = this.text(json, what);
    if (!path.startsWith('/')) throw this.fault(`${what} must be absolute: ${path}`);
    return path;
  }

  texts(json: Json | undefined, what: string): string[] {
    return this.list(json, what).map((item) => this.text(item, what));
  }

  edits(json: Json | undefined): Edits {
    const edits = this.object(json, 'containerEdits');
    return {
      env: this.texts(edits['env'], 'env'),
      nodes: this.list(edits['deviceNodes'], 'deviceNodes').map((node) => this.#node(this.object(node, 'a device node'))),
      mounts: this.list(edits['mounts'], 'mounts').map((item) => {
        const mount = this.object(item, 'a mount');
        const type = mount['type'];
        return {
          hostPath: this.text(mount['hostPath'], 'hostPath of a mount'), containerPath: this.absolute(mount['containerPath'], 'containerPath of a mount'),
          options: this.texts(mount['options'], 'options of a mount'), ...(typeof type === 'string' && type !== '' ? { type } : {}),
        };
      }),
      hooks: this.list(edits['hooks'], 'hooks').map((item) => {
        const hook = this.object(item, 'a hook');
        const name = HOOKS.find((known) => known === hook['hookName']);
        if (name === undefined) throw this.fault(`there is no hook ${String(hook['hookName'])}`);
        const timeout = hook['timeout'];
        return { name, path: this.absolute(hook['path'], 'path of a hook'), args: this.texts(hook['args'], 'args of a hook'), env: this.texts(hook['env'], 'env of a hook'), ...(typeof timeout === 'number' ? { timeout } : {}) };
      }),
      groups: this.list(edits['additionalGids'], 'additionalGids').flatMap((gid) => (typeof gid === 'number' && gid > 0 ? [gid] : [])),
    };
  }

  #node(node: JsonObject): DeviceNode {
    const path = this.absolute(node['path'], 'path of a device node');
    const { hostPath, permissions, fileMode, uid, gid } = node;
    return {
      path, hostPath: typeof hostPath === 'string' && hostPath !== '' ? hostPath : path, permissions: typeof permissions === 'string' && permissions !== '' ? permissions : 'rwm',
      ...(typeof fileMode === 'number' ? { mode: fileMode } : {}), ...(typeof uid === 'number' ? { uid } : {}), ...(typeof gid === 'number' ? { gid } : {}),
    };
  }
}

/** One specification file. @throws GantryError invalid that names the file and what is wrong with it */
export function parseCdiSpec(path: string, json: Json): CdiSpec {
  const read = new Reader(path);
  const spec = read.object(json, 'the specification');
  read.text(spec['cdiVersion'], 'cdiVersion');
  const kind = read.text(spec['kind'], 'kind');
  if (!KIND.test(kind)) throw read.fault(`${kind} is no vendor and class, as vendor.com/class`);
  const devices = new Map<string, Edits>();
  for (const item of read.list(spec['devices'], 'devices')) {
    const device = read.object(item, 'a device');
    const name = String(read.text(device['name'], 'name of a device'));
    if (!NAME.test(name)) throw read.fault(`${name} is no name of a device`);
    if (devices.has(name)) throw read.fault(`the device ${name} is there twice`);
    devices.set(name, read.edits(device['containerEdits']));
  }
  return { path, kind, edits: read.edits(spec['containerEdits']), devices };
}
