import { GantryError } from '#base/error.ts';
import type { BuildStep, CopySource, CopyStep, MakeDirectoryStep, RunStep, StepMount, StepSource } from '#build/dockerfile/plan/build-step.ts';
import type { NamePart, PathRule } from '#image/snapshot/tree-selection.ts';
import type { TreeAction, TreeSelection } from '#image/snapshot/tree-work.ts';
import type { Input, Step } from './graph.ts';
import type { Operation, RunMachine, RunMount } from './operation.ts';

export type BuildNode = Step<Operation>;

/** Where the steps of a stage find what they read, and what the whole build gives them. */
export interface StageWorld {
  readonly find: (source: StepSource) => BuildNode;
  /** Names in the Dockerfile's words become parts that can be matched. */
  readonly parsePattern: (pattern: string) => readonly NamePart[];
  readonly parseRules: (excluded: readonly string[]) => readonly PathRule[];
  readonly session: string;
  readonly machine: RunMachine;
  /** Added in front of the ids of cache mounts. */
  readonly cacheNamespace: string;
  readonly epochSeconds?: number;
}

/** One step of a stage as a node of the graph, on top of what the stage has so far. */
export function lowerStep(step: BuildStep, base: BuildNode | undefined, world: StageWorld): BuildNode {
  switch (step.kind) {
    case 'run': return lowerRun(step, base, world);
    case 'copy': return lowerCopy(step, base, world);
    case 'mkdir': return lowerDirectory(step, base, world);
  }
}

function onTop(base: BuildNode | undefined): Input<Operation>[] {
  return base === undefined ? [] : [{ step: base }];
}

function lowerDirectory(step: MakeDirectoryStep, base: BuildNode | undefined, { epochSeconds }: StageWorld): BuildNode {
  const owner = step.user === '' ? {} : { owner: step.user };
  return {
    op: {
      kind: 'files', title: step.title, lines: step.lines, hasBase: base !== undefined, actions: [{ kind: 'directory', path: step.path, mode: 0o755, ...owner }],
      ...(epochSeconds === undefined ? {} : { epochSeconds }),
    },
    inputs: onTop(base), ignoresCache: step.ignoresCache,
  };
}

function lowerCopy(step: CopyStep, base: BuildNode | undefined, world: StageWorld): BuildNode {
  const below = step.isLink ? undefined : base;
  const inputs = new InputList(onTop(below));
  const actions = step.sources.map((source) => lowerSource(source, step, inputs, world));
  const { epochSeconds } = world;
  const copied: BuildNode = {
    op: { kind: 'files', title: step.title, lines: step.lines, hasBase: below !== undefined, actions, ...(epochSeconds === undefined ? {} : { epochSeconds }) },
    inputs: inputs.list(), ignoresCache: step.ignoresCache,
  };
  if (!step.isLink || base === undefined) return copied;
  return { op: { kind: 'stack', title: step.title, lines: step.lines }, inputs: [{ step: base }, { step: copied }], ignoresCache: false };
}

function lowerSource(source: CopySource, step: CopyStep, inputs: InputList, world: StageWorld): TreeAction {
  const rules = world.parseRules(step.exclude);
  const owner = step.owner === undefined ? {} : { owner: step.owner };
  const mode = step.mode === undefined ? {} : { mode: step.mode };
  const destination = step.destination;
  const base = { kind: 'copy', destination, rules, isRequired: true, ...owner, ...mode } as const;
  switch (source.kind) {
    case 'inline': {
      const isDirectory = /(^|\/)\.?$/.test(destination);
      const path = isDirectory ? `${destination.replace(/\/?\.?$/, '/')}${source.name}` : destination;
      return { kind: 'write', destination: path, content: source.content, mode: 0o644, ...owner, ...(step.mode === undefined ? {} : { change: step.mode }) };
    }
    case 'files': {
      const isParents = source.parents !== undefined;
      const pivot = world.parsePattern(source.pattern);
      const parts = isParents ? [...pivot, ...world.parsePattern(source.parents)] : pivot;
      const selection: TreeSelection = { parts, rules, follow: true, ...(isParents ? { keepsFrom: pivot.length } : {}) };
      const pattern = isParents ? `${source.pattern.replace(/\/?$/, '/')}${source.parents}` : source.pattern;
      return { ...base, source: inputs.add(world.find(source.from), selection), parts, pattern, unpacks: source.unpacks, ...(isParents ? { keepsFrom: pivot.length } : {}) };
    }
    case 'url': {
      const node: BuildNode = {
        op: { kind: 'url', title: `[internal] load remote file ${source.url}`, url: source.url, fileName: source.fileName, checksum: source.checksum }, inputs: [], ignoresCache: false,
      };
      const parts = [{ name: source.fileName }];
      return { ...base, source: inputs.add(node, { parts, rules: [], follow: true }), parts, pattern: `/${source.fileName}`, unpacks: source.unpacks };
    }
    case 'git': {
      const { remote, ref, subdirectory, checksum, keepsGitDirectory, submodules } = source;
      const node: BuildNode = {
        op: { kind: 'git', title: `[internal] load git source ${remote}${ref === '' ? '' : `#${ref}`}`, remote, ref, subdirectory, checksum, keepsGitDirectory, submodules, session: world.session }, inputs: [], ignoresCache: false,
      };
      return { ...base, source: inputs.add(node, { parts: [], rules: [], follow: true }), parts: [], pattern: '/', unpacks: false };
    }
  }
}

function lowerRun(step: RunStep, base: BuildNode | undefined, world: StageWorld): BuildNode {
  const inputs = new InputList(onTop(base));
  const mounts = step.mounts.map((mount) => lowerMount(mount, inputs, world));
  const script: RunMount[] = step.script === undefined ? [] : [{ kind: 'script', target: step.script.path, content: step.script.content }];
  const env = (pairs: readonly (readonly [string, string])[]): string[] => pairs.map(([name, value]) => `${name}=${value}`);
  return {
    op: {
      kind: 'run', architecture: step.architecture, title: step.title, lines: step.lines, hasBase: base !== undefined, args: step.args, env: env(step.env), proxyEnv: env(step.proxyEnv),
      workingDir: step.workingDir, user: step.user, mounts: [...mounts, ...script], network: step.network, isInsecure: step.security === 'insecure',
      session: world.session, machine: world.machine,
    },
    inputs: inputs.list(), ignoresCache: step.ignoresCache,
  };
}

const SECRETS = '/run/secrets';

function lowerMount(mount: StepMount, inputs: InputList, world: StageWorld): RunMount {
  const { target, isReadOnly, uid, gid } = mount;
  const owner = { uid: uid ?? 0, gid: gid ?? 0 };
  switch (mount.type) {
    case 'bind': {
      if (mount.from === undefined) throw new GantryError('internal', `the bind mount at ${target} has no source`);
      return { kind: 'bind', target, input: inputs.place(world.find(mount.from), selectionOf(mount.source, world)), path: mount.source, readonly: isReadOnly };
    }
    case 'cache': {
      const from = mount.from === undefined ? {} : { input: inputs.place(world.find(mount.from), selectionOf(mount.source, world)) };
      const id = mount.id === '' ? target : mount.id;
      return { kind: 'cache', target, id: `${world.cacheNamespace}${id}`, sharing: mount.sharing ?? 'shared', readonly: isReadOnly, path: mount.source, mode: mount.mode ?? 0o755, ...owner, ...from };
    }
    case 'tmpfs': return { kind: 'tmpfs', target, sizeBytes: mount.sizeLimit };
    case 'secret': {
      const id = mount.id !== '' ? mount.id : mount.source !== '' ? mount.source : target.slice(target.lastIndexOf('/') + 1);
      const env = mount.env === undefined ? {} : { env: mount.env === '' ? id : mount.env };
      const place = target !== '' ? target : mount.env === undefined ? `${SECRETS}/${id.slice(id.lastIndexOf('/') + 1)}` : '';
      return { kind: 'secret', target: place, id, isRequired: mount.isRequired, mode: mount.mode ?? 0o400, ...owner, ...env };
    }
    case 'ssh': return { kind: 'ssh', target, id: mount.id === '' ? 'default' : mount.id, isRequired: mount.isRequired, mode: mount.mode ?? 0o600, ...owner };
  }
}

function selectionOf(path: string, world: StageWorld): TreeSelection {
  return { parts: world.parsePattern(path.replace(/[*?[\]\\]/g, '\\$&')), rules: [], follow: true };
}

/** The inputs of a step, each node once with all that is read of it. The first may be what the step stands on. */
class InputList {
  readonly #base: readonly Input<Operation>[];
  readonly #sources = new Map<BuildNode, TreeSelection[]>();

  constructor(base: readonly Input<Operation>[]) {
    this.#base = base;
  }

  /** Place of the node among the sources alone. */
  add(node: BuildNode, selection: TreeSelection): number {
    const known = this.#sources.get(node);
    if (known === undefined) this.#sources.set(node, [selection]);
    else known.push(selection);
    return [...this.#sources.keys()].indexOf(node);
  }

  /** Place of the node among all inputs. */
  place(node: BuildNode, selection: TreeSelection): number {
    return this.add(node, selection) + this.#base.length;
  }

  list(): readonly Input<Operation>[] {
    return [...this.#base, ...[...this.#sources].map(([step, reads]) => ({ step, reads }))];
  }
}
