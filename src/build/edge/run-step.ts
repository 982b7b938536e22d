import { chmodSync, chownSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { GantryError } from '#base/error.ts';
import type { BuildRun, TreeMount } from '#container/engine/port.ts';
import type { Mount } from '#container/model/mount.ts';
import type { SealedLayer } from '#image/snapshot/port.ts';
import type { TreeSource } from '#image/snapshot/tree-work.ts';
import type { OperationOf, RunMount } from '../solver/operation.ts';
import type { Execution } from '../solver/solver.ts';
import type { MountOwner } from './cache/cache-mounts.ts';
import { canRun } from '../solver/emulator.ts';
import { binfmtHandlers } from './binfmt-handlers.ts';
import { forwardAgent } from './ssh-agent.ts';
import type { ExecutorPorts } from './step-executor.ts';

type MountOf<Kind extends RunMount['kind']> = Extract<RunMount, { kind: Kind }>;
const LARGEST_SECRET = 500 * 1024;

/** The command of a step failed by itself. Clients print the code. */
export class ProcessError extends GantryError {
  readonly args: readonly string[];
  readonly exitCode: number;

  constructor(args: readonly string[], exitCode: number) {
    super('invalid', `process "${args.join(' ')}" did not complete successfully: exit code: ${exitCode}`);
    this.args = args;
    this.exitCode = exitCode;
  }
}

export interface RunInputs {
  /** Chain ids, lowest first. */
  readonly base: readonly string[];
  readonly inputs: readonly TreeSource[];
}

/** A RUN: its mounts are provided, the command runs, and what was lent to it is taken back, however it ends. */
export async function runStep(op: OperationOf<'run'>, { base, inputs }: RunInputs, ports: ExecutorPorts, execution: Execution): Promise<SealedLayer> {
  refuseForeign(op.architecture, ports.engine.info.facts.architecture);
  const lent = new Lent(ports, op.session, execution.signal);
  try {
    const mounts: (Mount | TreeMount)[] = [];
    for (const mount of op.mounts) mounts.push(...await lent.provide(mount, inputs));
    const run: BuildRun = {
      build: op.title, layers: base, args: op.args, env: [...op.env, ...op.proxyEnv, ...lent.env], secretEnv: lent.secretEnv, workingDir: op.workingDir, user: op.user, mounts, network: op.network, isInsecure: op.isInsecure,
      hostname: op.machine.hostname, extraHosts: op.machine.extraHosts, ulimits: op.machine.ulimits, digests: execution.readBy,
      ...(op.machine.shmSizeBytes === undefined ? {} : { shmSizeBytes: op.machine.shmSizeBytes }),
    };
    const { exitCode, layer } = await startWith(run, ports, execution);
    if (exitCode !== 0) throw new ProcessError(op.args, exitCode);
    if (layer === undefined) throw new GantryError('interrupted', 'the build was given up');
    return layer;
  } finally {
    lent.takeBack();
  }
}

async function startWith(run: BuildRun, { engine }: ExecutorPorts, { log, signal }: Execution): ReturnType<ExecutorPorts['engine']['builds']['run']> {
  try {
    return await engine.builds.run(run, (stream, bytes) => log({ stream, bytes: Uint8Array.from(bytes) }), signal);
  } catch (thrown) {
    if (!(thrown instanceof GantryError) || signal.aborted) throw thrown;
    throw new GantryError(thrown.kind, `process "${run.args.join(' ')}" did not complete successfully: ${thrown.message}`, { cause: thrown });
  }
}

/** Before anything is prepared: the kernel would say no more than that the format is wrong. */
function refuseForeign(wanted: string, host: string): void {
  if (canRun(wanted, host, binfmtHandlers())) return;
  throw new GantryError('unavailable', `this command is of linux/${wanted}, and no emulator for that is registered with the kernel of this machine (linux/${host}): install one, with Debian by apt-get install qemu-user-static, or begin the stage with FROM --platform=$BUILDPLATFORM`);
}

/** What a command gets for its run, and gives back. */
class Lent {
  readonly env: string[] = [];
  readonly secretEnv: string[] = [];
  readonly #ports: ExecutorPorts;
  readonly #session: string;
  readonly #signal: AbortSignal;
  readonly #returns: (() => void)[] = [];
  #directory: string | undefined;
  #files = 0;

  constructor(ports: ExecutorPorts, session: string, signal: AbortSignal) {
    this.#ports = ports;
    this.#session = session;
    this.#signal = signal;
  }

  takeBack(): void {
    for (const give of this.#returns.reverse()) give();
  }

  async provide(mount: RunMount, inputs: readonly TreeSource[]): Promise<readonly (Mount | TreeMount)[]> {
    switch (mount.kind) {
      case 'bind': return [await this.#bind(mount, inputs)];
      case 'cache': return [await this.#cache(mount, inputs)];
      case 'tmpfs': return [{ kind: 'tmpfs', target: mount.target, readonly: false, options: ['exec'], ...(mount.sizeBytes === 0 ? {} : { sizeBytes: mount.sizeBytes }) }];
      case 'secret': return await this.#secret(mount);
      case 'ssh': return await this.#ssh(mount);
      case 'script': return [bindOf(this.#file(mount.content, { mode: 0o755, uid: 0, gid: 0 }), mount.target, true)];
    }
  }

  async #bind(mount: MountOf<'bind'>, inputs: readonly TreeSource[]): Promise<TreeMount> {
    const source = inputs[mount.input];
    if (source === undefined) throw new GantryError('internal', `the mount at ${mount.target} has no source`);
    const path = await this.#realPath(source, mount.path);
    return { kind: 'tree', target: mount.target, readonly: mount.readonly, source, path };
  }

  async #cache(mount: MountOf<'cache'>, inputs: readonly TreeSource[]): Promise<Mount> {
    const source = mount.input === undefined ? undefined : inputs[mount.input];
    const fill = source === undefined ? undefined : async (directory: string): Promise<MountOwner> => await this.#fill(source, mount, directory);
    const held = await this.#ports.mounts.take(mount, fill, this.#signal);
    this.#returns.push(() => held.release());
    return bindOf(held.path, mount.target, mount.readonly);
  }

  /** As BuildKit has it, a mount with a source is the directory that it is from: its own owner and mode count. */
  async #fill(source: TreeSource, mount: MountOf<'cache'>, directory: string): Promise<MountOwner> {
    const { trees } = this.#ports;
    const path = await this.#realPath(source, mount.path);
    await trees.copyOut(source, path, directory, this.#signal);
    return await trees.stat(source, path) ?? mount;
  }

  /** Links of the source lead nowhere but inside it. */
  async #realPath(source: TreeSource, path: string): Promise<string> {
    if (path === '' || path === '/') return '';
    const real = await this.#ports.trees.realPath(source, path);
    if (real === undefined) throw new GantryError('not-found', `"${path.startsWith('/') ? path : `/${path}`}": not found`);
    return real;
  }

  async #secret(mount: MountOf<'secret'>): Promise<readonly Mount[]> {
    const session = await this.#ports.sessions.clientOf(this.#session);
    const data = await session.secret(mount.id);
    if (data === undefined) {
      if (mount.isRequired) throw new GantryError('not-found', `secret ${mount.id}: not found`);
      return [];
    }
    if (data.length > LARGEST_SECRET) throw new GantryError('too-large', `invalid secret size ${data.length}`);
    if (mount.env !== undefined) this.secretEnv.push(`${mount.env}=${new TextDecoder().decode(data)}`);
    return mount.target === '' ? [] : [bindOf(this.#file(data, mount), mount.target, true)];
  }

  async #ssh(mount: MountOf<'ssh'>): Promise<readonly Mount[]> {
    const session = await this.#ports.sessions.clientOf(this.#session);
    if (!await session.hasAgent(mount.id)) {
      if (mount.isRequired) throw new GantryError('not-found', `unset ssh forward key ${mount.id}`);
      return [];
    }
    this.#files += 1;
    const path = join(this.#place(), `agent-${this.#files}.sock`);
    const agent = await forwardAgent(path, session, mount);
    this.#returns.push(() => agent.close());
    const target = mount.target === '' ? `/run/buildkit/ssh_agent.${this.#files - 1}` : mount.target;
    this.env.push(`SSH_AUTH_SOCK=${target}`);
    return [bindOf(path, target, true)];
  }

  #file(content: string | Uint8Array, { mode, uid, gid }: { readonly mode: number; readonly uid: number; readonly gid: number }): string {
    this.#files += 1;
    const path = join(this.#place(), String(this.#files));
    writeFileSync(path, content, { mode: 0o600, flag: 'wx' });
    chownSync(path, uid, gid);
    chmodSync(path, mode & 0o777);
    return path;
  }

  /** In memory, never on a disk, and gone with the run. */
  #place(): string {
    if (this.#directory !== undefined) return this.#directory;
    mkdirSync(this.#ports.secretsRoot, { recursive: true, mode: 0o700 });
    const directory = mkdtempSync(join(this.#ports.secretsRoot, 'run-'));
    this.#directory = directory;
    this.#returns.push(() => rmSync(directory, { recursive: true, force: true }));
    return directory;
  }
}

function bindOf(source: string, target: string, readonly: boolean): Mount {
  return { kind: 'bind', source, target, readonly, propagation: 'rprivate', recursive: false, createSource: false };
}
