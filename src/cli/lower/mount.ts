import { parseBool } from '../grammar/flag-value.ts';
import { invalid } from '../status-error.ts';
import type { MountBody } from './create-body.ts';
import { parseCsvRecord } from './csv.ts';
import { parseSize } from './size.ts';
import { cut } from './split.ts';
import { resolvePath } from './volumes.ts';

interface Draft {
  type: string;
  source: string;
  target: string;
  readOnly: boolean;
  consistency: string;
  bind: BindDraft | undefined;
  volume: VolumeDraft | undefined;
  image: { Subpath?: string } | undefined;
  tmpfs: { SizeBytes?: number; Mode?: number } | undefined;
}

interface BindDraft {
  Propagation?: string;
  NonRecursive?: boolean;
  ReadOnlyNonRecursive?: boolean;
  ReadOnlyForceRecursive?: boolean;
}

interface VolumeDraft {
  NoCopy?: boolean;
  Labels?: Record<string, string>;
  Subpath?: string;
  DriverConfig: { Name?: string; Options?: Record<string, string> };
}

type Setter = (draft: Draft, value: string, key: string, cwd: string) => void;

const bindOf = (draft: Draft): BindDraft => (draft.bind ??= {});
const volumeOf = (draft: Draft): VolumeDraft => (draft.volume ??= { DriverConfig: {} });

const setSource: Setter = (draft, value, _key, cwd) => {
  draft.source = value.startsWith('.') ? resolvePath(cwd, value) : value;
};
const setTarget: Setter = (draft, value) => {
  draft.target = value;
};
const setReadOnly: Setter = (draft, value, key) => {
  draft.readOnly = bool(key, value);
};

const SETTERS: Readonly<Record<string, Setter>> = {
  type: (draft, value) => {
    draft.type = value.toLowerCase();
  },
  source: setSource,
  src: setSource,
  target: setTarget,
  dst: setTarget,
  destination: setTarget,
  readonly: setReadOnly,
  ro: setReadOnly,
  consistency: (draft, value) => {
    draft.consistency = value.toLowerCase();
  },
  'bind-propagation': (draft, value) => {
    bindOf(draft).Propagation = value.toLowerCase();
  },
  'bind-nonrecursive': (draft, value, key) => {
    const on = bool(key, value);
    Object.assign(bindOf(draft), on ? { NonRecursive: true } : {});
  },
  'bind-recursive': setRecursive,
  'volume-subpath': (draft, value) => {
    volumeOf(draft).Subpath = value;
  },
  'volume-nocopy': (draft, value) => {
    Object.assign(volumeOf(draft), bool('volume-nocopy', value) ? { NoCopy: true } : {});
  },
  'volume-label': (draft, value) => {
    setPair((volumeOf(draft).Labels ??= {}), value);
  },
  'volume-driver': (draft, value) => {
    volumeOf(draft).DriverConfig.Name = value;
  },
  'volume-opt': (draft, value) => {
    setPair((volumeOf(draft).DriverConfig.Options ??= {}), value);
  },
  'image-subpath': (draft, value) => {
    (draft.image ??= {}).Subpath = value;
  },
  'tmpfs-size': (draft, value, key) => {
    (draft.tmpfs ??= {}).SizeBytes = orInvalid(key, value, () => parseSize(value));
  },
  'tmpfs-mode': (draft, value, key) => {
    if (!/^[0-7]+$/.test(value)) throw invalid(`invalid value for ${key}: ${value}`);
    (draft.tmpfs ??= {}).Mode = Number.parseInt(value, 8);
  },
};

/** Keys that mean `true` when they stand alone. */
const BARE_KEYS: ReadonlySet<string> = new Set(['readonly', 'ro', 'volume-nocopy', 'bind-nonrecursive']);

/** One `--mount` value, such as `type=bind,src=/a,dst=/b,ro`, as the Docker API's mount. */
export function lowerMount(text: string, cwd: string): MountBody {
  const draft: Draft = {
    type: 'volume', source: '', target: '', readOnly: false, consistency: '',
    bind: undefined, volume: undefined, image: undefined, tmpfs: undefined,
  };
  for (const field of parseCsvRecord(text)) {
    const [rawKey, value] = cut(field, '=');
    const key = rawKey.toLowerCase();
    if (value === undefined && !BARE_KEYS.has(key)) throw invalid(`invalid field '${field}' must be a key=value pair`);
    const set = SETTERS[key];
    if (set === undefined) throw invalid(`unexpected key '${key}' in '${field}'`);
    set(draft, value ?? 'true', key, cwd);
  }
  check(draft);
  return {
    Type: draft.type,
    ...(draft.source === '' ? {} : { Source: draft.source }),
    Target: draft.target,
    ...(draft.readOnly ? { ReadOnly: true } : {}),
    ...(draft.consistency === '' ? {} : { Consistency: draft.consistency }),
    ...(draft.bind === undefined ? {} : { BindOptions: draft.bind }),
    ...(draft.volume === undefined ? {} : { VolumeOptions: draft.volume }),
    ...(draft.image === undefined ? {} : { ImageOptions: draft.image }),
    ...(draft.tmpfs === undefined ? {} : { TmpfsOptions: draft.tmpfs }),
  };
}

function check(draft: Draft): void {
  if (draft.type === '') throw invalid('type is required');
  if (draft.target === '') throw invalid('target is required');
  const options = { volume: draft.volume, image: draft.image, bind: draft.bind, tmpfs: draft.tmpfs };
  for (const [type, given] of Object.entries(options)) {
    if (given !== undefined && draft.type !== type) throw invalid(`cannot mix '${type}-*' options with mount type '${draft.type}'`);
  }
  const bind = draft.bind ?? {};
  if (bind.ReadOnlyNonRecursive === true && !draft.readOnly) {
    throw invalid("option 'bind-recursive=writable' requires 'readonly' to be specified in conjunction");
  }
  if (bind.ReadOnlyForceRecursive === true && !draft.readOnly) {
    throw invalid("option 'bind-recursive=readonly' requires 'readonly' to be specified in conjunction");
  }
  if (bind.ReadOnlyForceRecursive === true && bind.Propagation !== 'rprivate') {
    throw invalid("option 'bind-recursive=readonly' requires 'bind-propagation=rprivate' to be specified in conjunction");
  }
}

function setRecursive(draft: Draft, value: string, key: string): void {
  const bind = bindOf(draft);
  if (value === 'disabled') bind.NonRecursive = true;
  else if (value === 'writable') bind.ReadOnlyNonRecursive = true;
  else if (value === 'readonly') bind.ReadOnlyForceRecursive = true;
  else if (value !== 'enabled') {
    throw invalid(`invalid value for ${key}: ${value} (must be "enabled", "disabled", "writable", or "readonly")`);
  }
}

function setPair(target: Record<string, string>, pair: string): void {
  const [key, value] = cut(pair, '=');
  if (key !== '') target[key] = value ?? '';
}

function bool(key: string, text: string): boolean {
  const value = parseBool(text);
  if (value === undefined) throw invalid(`invalid value for ${key}: ${text}`);
  return value;
}

function orInvalid<T>(key: string, text: string, parse: () => T): T {
  try {
    return parse();
  } catch {
    throw invalid(`invalid value for ${key}: ${text}`);
  }
}
