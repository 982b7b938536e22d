import { DockerfileError } from '../dockerfile-error.ts';
import type { Variables } from '../expand/lexer.ts';
import { parseMount, type Mount } from '../instruction/mount.ts';
import type { Place } from '../instruction/instruction.ts';
import type { RunInstruction } from '../instruction/run.ts';
import { contentOf, heredocOrNone } from '../parse/heredoc.ts';
import type { RunStep, StepMount, StepSource } from '../plan/build-step.ts';
import { quote } from '../_quote.ts';
import { trim } from '../_space.ts';
import { baseName, cleanAbsolute, resolvePath } from './path.ts';
import type { StageState } from './_stage-state.ts';
import { titleText } from './_title.ts';

const PROXIES = ['http_proxy', 'https_proxy', 'ftp_proxy', 'no_proxy', 'all_proxy'];
const SCRIPT_FOLDER = '/dev/pipes';

export function evaluateRun(state: StageState, instruction: RunInstruction & Place, sources: readonly (number | undefined)[]): void {
  const { lines } = instruction;
  const mounts = instruction.mounts.map((text) => parseMount(text, (word) => state.expand(word, lines)));
  const { args, script, summary } = commandOf(state, instruction);
  const stepMounts = mounts.map((mount, index) => placeMount(state, mount, sources[index]));
  const title = state.title(titleText({ escape: state.escape, variables: masked(state.variables, mounts) }, instruction.source + summary, { rawQuotes: true, keepUnset: true }));
  const historyIndex = state.commit(`RUN ${[...declared(state), ...args].join(' ')} # buildkit`, true);
  state.steps.push({
    kind: 'run', architecture: state.platform.architecture, title, lines, ignoresCache: state.stage.ignoresCache, historyIndex, args, script, mounts: stepMounts,
    env: [...state.variables], proxyEnv: proxyEnv(state.plan.options.buildArgs), workingDir: cleanAbsolute(state.config.WorkingDir ?? '/'), user: state.config.User ?? '',
    network: instruction.network, security: instruction.security, devices: instruction.devices,
  });
}

interface Command extends Pick<RunStep, 'args' | 'script'> {
  /** What a heredoc adds to the title. */
  readonly summary: string;
}

function commandOf(state: StageState, { command, heredocs }: RunInstruction): Command {
  const text = command.args.join(' ');
  const [first] = heredocs;
  if (first === undefined) return { args: command.isShell ? state.withShell(text) : command.args, script: undefined, summary: '' };
  if (heredocOrNone(text) === undefined) {
    // The shell reads the documents; they are put behind the command as it expects them.
    return { args: state.withShell(text + heredocs.map(({ name, content }) => `\n${content}${name}`).join('')), script: undefined, summary: '' };
  }
  const content = contentOf(first);
  const summary = ` (${summaryOf(first.content)})`;
  if (!first.content.startsWith('#!') || state.platform.os === 'windows') return { args: state.withShell(content), script: undefined, summary };
  const path = `${SCRIPT_FOLDER}/${first.name}`;
  return { args: state.withShell(path), script: { path, content }, summary };
}

function summaryOf(content: string): string {
  const lines = trim(content).split(/\r?\n/);
  return `${lines[0] ?? ''}${lines.length > 1 ? '...' : ''}`;
}

function placeMount(state: StageState, mount: Mount, source: number | undefined): StepMount {
  const { from: _, ...rest } = mount;
  if (mount.type === 'secret') return { ...rest, ...secretNames(mount), from: undefined };
  if (mount.type === 'ssh') {
    if (mount.source !== '') throw new DockerfileError('ssh does not support source', { token: mount.source });
    return { ...rest, from: undefined };
  }
  const target = resolvePath(state.config.WorkingDir ?? '/', mount.target);
  if (target === '/') throw new DockerfileError(`invalid mount target ${quote(mount.target === '' ? '/' : mount.target)}`, { token: mount.target });
  const path = cleanAbsolute(mount.source);
  const from = sourceOf(mount, source);
  if (from?.kind === 'context') state.readsContext(path);
  if (from?.kind === 'stage') state.readsStage(from.index, path);
  return { ...rest, from, source: path, target, id: mount.type === 'cache' && mount.id === '' ? cleanCacheId(mount.target) : mount.id };
}

function sourceOf({ type }: Mount, source: number | undefined): StepSource | undefined {
  if (type === 'tmpfs') return undefined;
  if (source !== undefined) return { kind: 'stage', index: source };
  return type === 'bind' ? { kind: 'context' } : undefined;
}

/** A cache without an id is known by its target as it was written. */
function cleanCacheId(target: string): string {
  if (target.startsWith('/')) return cleanAbsolute(target);
  const clean = cleanAbsolute(target).slice(1);
  return clean === '' ? '.' : clean;
}

function secretNames(mount: Mount): Pick<StepMount, 'id' | 'target' | 'source'> {
  const given = mount.source === '' ? mount.id : mount.source;
  const id = given === '' ? baseName(mount.target) : given;
  const target = mount.target === '' && mount.env === undefined ? `/run/secrets/${baseName(id)}` : mount.target;
  return { id, target, source: '' };
}

/** A secret's variable shows stars in titles. */
function masked(variables: Variables, mounts: readonly Mount[]): Variables {
  const secrets = mounts.flatMap(({ type, env }) => (type === 'secret' && env !== undefined ? [env] : []));
  return secrets.length === 0 ? variables : new Map([...variables, ...secrets.map((name): [string, string] => [name, '****'])]);
}

/** The arguments that the command sees, as `|2 A=1 B=2`. */
function declared({ args, variables }: StageState): readonly string[] {
  const values = new Map(args.map(({ name, value }) => [name, variables.get(name) ?? value ?? '']));
  return values.size === 0 ? [] : [`|${values.size}`, ...[...values].map(([name, value]) => `${name}=${value}`)];
}

function proxyEnv(buildArgs: Variables | undefined): RunStep['proxyEnv'] {
  const given = [...(buildArgs ?? [])].filter(([name]) => PROXIES.includes(name.toLowerCase()));
  return given.flatMap(([name, value]) => [[name.toUpperCase(), value], [name.toLowerCase(), value]] as const);
}
