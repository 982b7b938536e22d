import { GantryError } from '#base/error.ts';
import { signalNumber } from '#container/engine/signal.ts';
import { DockerfileError } from '../dockerfile-error.ts';
import { expand } from '../expand/lexer.ts';
import type { ArgInstruction } from '../instruction/arg.ts';
import type { CmdInstruction } from '../instruction/cmd.ts';
import type { EntrypointInstruction } from '../instruction/entrypoint.ts';
import type { EnvInstruction } from '../instruction/env.ts';
import type { ExposeInstruction } from '../instruction/expose.ts';
import type { HealthcheckInstruction } from '../instruction/healthcheck.ts';
import type { Place } from '../instruction/instruction.ts';
import type { LabelInstruction } from '../instruction/label.ts';
import type { VolumeInstruction } from '../instruction/volume.ts';
import type { WorkdirInstruction } from '../instruction/workdir.ts';
import { messages } from '../lint/rules.ts';
import { isSecretName } from '../lint/secret-name.ts';
import { quoteList } from '../_quote.ts';
import { healthcheckText } from './_healthcheck-text.ts';
import { cleanAbsolute, resolvePath } from './path.ts';
import { parseExposedPort } from './_ports.ts';
import { cutEntry, type StageState } from './_stage-state.ts';
import { titleText } from './_title.ts';

/** The instructions that change an image's config, each as BuildKit writes it into the history. */

export function evaluateEnv(state: StageState, { pairs, name, lines }: EnvInstruction & Place): void {
  const expanded = pairs.map(({ key, value, isLegacy }) => ({ key: state.expand(key, lines), value: state.expand(value, lines), isLegacy }));
  for (const { key, value, isLegacy } of expanded) {
    if (isLegacy) state.linter.report('LegacyKeyValueFormat', lines, messages.legacyKeyValue(name));
    if (isSecretName(key)) state.linter.report('SecretsUsedInArgOrEnv', lines, messages.secretInArgOrEnv('ENV', key));
    state.setVariable(key, value);
    state.config.Env = withEntry(state.config.Env ?? [], key, value);
  }
  state.commit(`ENV ${expanded.map(({ key, value }) => `${key}=${value}`).join(' ')}`);
}

function withEntry(env: readonly string[], name: string, value: string): readonly string[] {
  const place = env.findIndex((entry) => cutEntry(entry)[0] === name);
  return place < 0 ? [...env, `${name}=${value}`] : env.with(place, `${name}=${value}`);
}

export function evaluateArg(state: StageState, { args, lines }: ArgInstruction & Place): void {
  const { buildArgs } = state.plan.options;
  const texts = args.map(({ name, value: written }) => {
    if (isSecretName(name)) state.linter.report('SecretsUsedInArgOrEnv', lines, messages.secretInArgOrEnv('ARG', name));
    // A default that does not count is not expanded: it may well be wrong.
    const value = buildArgs?.get(name) ?? (written === undefined ? state.plan.globals.get(name) : state.expand(written, lines));
    if (value !== undefined) state.setVariable(name, value);
    state.args.push({ name, value });
    return value === undefined ? name : `${name}=${value}`;
  });
  state.commit(`ARG ${texts.join(' ')}`);
}

export function evaluateLabel(state: StageState, { pairs, name, lines }: LabelInstruction & Place): void {
  const labels = new Map(Object.entries(state.config.Labels ?? {}));
  const texts = pairs.map(({ key: writtenKey, value: writtenValue, isLegacy }) => {
    const key = state.expand(writtenKey, lines);
    const value = state.expand(writtenValue, lines);
    if (isLegacy) state.linter.report('LegacyKeyValueFormat', lines, messages.legacyKeyValue(name));
    labels.set(key, value);
    return `${key}=${value}`;
  });
  state.config.Labels = Object.fromEntries(labels);
  state.commit(`LABEL ${texts.join(' ')}`);
}

export function evaluateWorkdir(state: StageState, instruction: WorkdirInstruction & Place): void {
  const { lines } = instruction;
  const written = state.expand(instruction.path, lines);
  if (!state.hasWorkingDir && !written.startsWith('/')) state.linter.report('WorkdirRelativePath', lines, messages.relativeWorkdir(written));
  state.hasWorkingDir = true;
  // BuildKit cleans only what it joins.
  const path = written.startsWith('/') ? written : resolvePath(state.config.WorkingDir ?? '/', written);
  state.config.WorkingDir = path;
  if (path === '/') {
    state.commit('WORKDIR /');
    return;
  }
  const title = state.title(titleText(state, instruction.source));
  const historyIndex = state.commit(`WORKDIR ${path}`, true);
  state.steps.push({ kind: 'mkdir', title, lines, ignoresCache: false, historyIndex, path: cleanAbsolute(path), user: state.config.User ?? '' });
}

export function evaluateCmd(state: StageState, instruction: CmdInstruction & Place): void {
  state.markOnly('cmd', instruction);
  const args = commandArgs(state, instruction);
  state.config.Cmd = args;
  state.config.ArgsEscaped = true;
  state.commit(`CMD ${quoteList(args)}`);
}

export function evaluateEntrypoint(state: StageState, instruction: EntrypointInstruction & Place): void {
  state.markOnly('entrypoint', instruction);
  const args = commandArgs(state, instruction);
  if (args.length === 0) delete state.config.Entrypoint;
  else state.config.Entrypoint = args;
  if (!state.lastOf.has('cmd')) delete state.config.Cmd;
  state.commit(`ENTRYPOINT ${quoteList(args)}`);
}

function commandArgs(state: StageState, { command: { args, isShell }, name, lines }: (CmdInstruction | EntrypointInstruction) & Place): readonly string[] {
  if (!isShell) return args;
  if ((state.config.Shell ?? []).length === 0) state.linter.report('JSONArgsRecommended', lines, messages.jsonArgs(name));
  return state.withShell(args.join(' '));
}

export function evaluateHealthcheck(state: StageState, instruction: HealthcheckInstruction & Place): void {
  state.markOnly('healthcheck', instruction);
  state.config.Healthcheck = instruction.healthcheck;
  state.commit(`HEALTHCHECK ${healthcheckText(instruction.healthcheck)}`);
}

export function evaluateExpose(state: StageState, { ports, lines }: ExposeInstruction & Place): void {
  const words = ports.flatMap((port) => expand(port, state.variables, state.escape).words);
  const exposed = words.flatMap((word) => parseExposedPort(word, lines, state.linter));
  state.config.ExposedPorts = [...new Set([...state.config.ExposedPorts ?? [], ...exposed])].sort();
  state.commit(`EXPOSE [${exposed.join(' ')}]`);
}

export function evaluateVolume(state: StageState, { paths, lines }: VolumeInstruction & Place): void {
  const volumes = paths.map((path) => state.expand(path, lines));
  if (volumes.includes('')) throw new DockerfileError('VOLUME specified can not be an empty string');
  state.config.Volumes = [...new Set([...state.config.Volumes ?? [], ...volumes])].sort();
  state.commit(`VOLUME [${volumes.join(' ')}]`);
}

export function evaluateStopSignal(state: StageState, written: string, { lines }: Place): void {
  const signal = state.expand(written, lines);
  try {
    signalNumber(signal);
  } catch (error) {
    if (!(error instanceof GantryError)) throw error;
    throw new DockerfileError(error.message, { token: signal });
  }
  state.config.StopSignal = signal;
  state.commit(`STOPSIGNAL ${signal}`);
}
