import { GantryError } from '#base/error.ts';
import type { Json } from '#base/json.ts';
import { parseDigest, type Digest } from './digest.ts';
import { present, Shape } from './_shape.ts';
import { parseStrictJson } from './strict-json.ts';

/** What a container of the image starts from. Names as in the document (OCI image spec, config.md, and Docker's additions). */
export interface ImageRunConfig {
  readonly User?: string;
  /** As `80/tcp`. */
  readonly ExposedPorts?: readonly string[];
  readonly Env?: readonly string[];
  readonly Entrypoint?: readonly string[];
  readonly Cmd?: readonly string[];
  readonly Volumes?: readonly string[];
  readonly WorkingDir?: string;
  readonly Labels?: Readonly<Record<string, string>>;
  readonly StopSignal?: string;
  /** Seconds. */
  readonly StopTimeout?: number;
  readonly Healthcheck?: ImageHealthcheck;
  readonly Shell?: readonly string[];
  readonly OnBuild?: readonly string[];
  /** Windows only, kept because it changes how Cmd is read. */
  readonly ArgsEscaped?: boolean;
}

/** Durations in nanoseconds; absent or 0 is the engine's default. */
export interface ImageHealthcheck {
  readonly Test?: readonly string[];
  readonly Interval?: number;
  readonly Timeout?: number;
  readonly StartPeriod?: number;
  readonly StartInterval?: number;
  readonly Retries?: number;
}

export interface ImageHistory {
  readonly created?: string;
  readonly created_by?: string;
  readonly author?: string;
  readonly comment?: string;
  readonly empty_layer?: boolean;
}

export interface ImageConfig {
  readonly architecture: string;
  readonly os: string;
  readonly variant?: string;
  /** RFC 3339. */
  readonly created?: string;
  readonly author?: string;
  readonly config: ImageRunConfig;
  /** Digests of the uncompressed layers, lowest first. */
  readonly diffIds: readonly Digest[];
  readonly history: readonly ImageHistory[];
}

const TOP_FIELDS = ['architecture', 'os', 'variant', 'created', 'author', 'config', 'rootfs', 'history'];
const RUN_FIELDS = [
  'User', 'ExposedPorts', 'Env', 'Entrypoint', 'Cmd', 'Volumes', 'WorkingDir', 'Labels', 'StopSignal', 'StopTimeout', 'Healthcheck',
  'Shell', 'OnBuild', 'ArgsEscaped',
];
const HEALTH_FIELDS = ['Test', 'Interval', 'Timeout', 'StartPeriod', 'StartInterval', 'Retries'];
const HISTORY_FIELDS = ['created', 'created_by', 'author', 'comment', 'empty_layer'];

/** Docker and the registries take no larger ones. */
const MAX_CONFIG_BYTES = 8 << 20;

/** Throws `invalid`. The text itself stays the image's identity: it is stored and pushed byte for byte. */
export function parseImageConfig(text: string): ImageConfig {
  if (text.length > MAX_CONFIG_BYTES) throw new GantryError('too-large', `the image config has more than ${MAX_CONFIG_BYTES} bytes`);
  const shape = new Shape(parseStrictJson(text, 'the image config'), 'the image config', TOP_FIELDS);
  const rootfs = new Shape(shape.required('rootfs', shape.value['rootfs']), "the image config's rootfs", ['type', 'diff_ids']);
  if (rootfs.string('type') !== 'layers') throw new GantryError('invalid', 'the image config has a rootfs that is not made of layers');
  return present<ImageConfig>({
    architecture: shape.string('architecture') ?? '',
    os: shape.string('os') ?? '',
    variant: shape.string('variant'),
    created: shape.string('created'),
    author: shape.string('author'),
    config: shape.has('config') ? readRunConfig(shape.value['config']) : {},
    diffIds: (rootfs.strings('diff_ids') ?? []).map(parseDigest),
    history: (shape.array('history') ?? []).map(readHistory),
  });
}

function readRunConfig(value: Json | undefined): ImageRunConfig {
  const shape = new Shape(value, "the image config's config", RUN_FIELDS);
  return present<ImageRunConfig>({
    User: shape.string('User'),
    ExposedPorts: shape.keys('ExposedPorts'),
    Env: shape.strings('Env'),
    Entrypoint: shape.strings('Entrypoint'),
    Cmd: shape.strings('Cmd'),
    Volumes: shape.keys('Volumes'),
    WorkingDir: shape.string('WorkingDir'),
    Labels: shape.stringMap('Labels'),
    StopSignal: shape.string('StopSignal'),
    StopTimeout: shape.integer('StopTimeout', Number.MIN_SAFE_INTEGER),
    Healthcheck: shape.has('Healthcheck') ? readHealthcheck(shape.value['Healthcheck']) : undefined,
    Shell: shape.strings('Shell'),
    OnBuild: shape.strings('OnBuild'),
    ArgsEscaped: shape.boolean('ArgsEscaped'),
  });
}

function readHealthcheck(value: Json | undefined): ImageHealthcheck {
  const shape = new Shape(value, "the image config's Healthcheck", HEALTH_FIELDS);
  return present<ImageHealthcheck>({
    Test: shape.strings('Test'),
    Interval: shape.integer('Interval'),
    Timeout: shape.integer('Timeout'),
    StartPeriod: shape.integer('StartPeriod'),
    StartInterval: shape.integer('StartInterval'),
    Retries: shape.integer('Retries'),
  });
}

function readHistory(value: Json, index: number): ImageHistory {
  const shape = new Shape(value, `entry ${index + 1} of the image config's history`, HISTORY_FIELDS);
  return present<ImageHistory>({
    created: shape.string('created'),
    created_by: shape.string('created_by'),
    author: shape.string('author'),
    comment: shape.string('comment'),
    empty_layer: shape.boolean('empty_layer'),
  });
}
