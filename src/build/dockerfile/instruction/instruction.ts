import type { Lines } from '../dockerfile-error.ts';
import { DockerfileError } from '../dockerfile-error.ts';
import type { Node } from '../parse/node.ts';
import { trim } from '../_space.ts';
import { suggest } from '../suggest.ts';
import { parseAdd, type AddInstruction } from './add.ts';
import { parseArg, type ArgInstruction } from './arg.ts';
import { parseCmd, type CmdInstruction } from './cmd.ts';
import { parseCopy, type CopyInstruction } from './copy.ts';
import { parseEntrypoint, type EntrypointInstruction } from './entrypoint.ts';
import { parseEnv, type EnvInstruction } from './env.ts';
import { parseExpose, type ExposeInstruction } from './expose.ts';
import { parseFrom, type FromInstruction } from './from.ts';
import { parseHealthcheck, type HealthcheckInstruction } from './healthcheck.ts';
import { parseLabel, type LabelInstruction } from './label.ts';
import { parseMaintainer, type MaintainerInstruction } from './maintainer.ts';
import { parseOnbuild, type OnbuildInstruction } from './onbuild.ts';
import { parseRun, type RunInstruction } from './run.ts';
import { parseShell, type ShellInstruction } from './shell.ts';
import { parseStopSignal, type StopSignalInstruction } from './stopsignal.ts';
import { parseUser, type UserInstruction } from './user.ts';
import { parseVolume, type VolumeInstruction } from './volume.ts';
import { parseWorkdir, type WorkdirInstruction } from './workdir.ts';

/** What an instruction says beside where it stands. */
export type Meaning =
  | AddInstruction | ArgInstruction | CmdInstruction | CopyInstruction | EntrypointInstruction | EnvInstruction | ExposeInstruction
  | FromInstruction | HealthcheckInstruction | LabelInstruction | MaintainerInstruction | OnbuildInstruction | RunInstruction | ShellInstruction
  | StopSignalInstruction | UserInstruction | VolumeInstruction | WorkdirInstruction;

export interface Place {
  /** As written: `RUN`, `run`. */
  readonly name: string;
  /** The instruction's text with its continuations joined, without heredocs. */
  readonly source: string;
  readonly lines: Lines;
}

/** An instruction of a Dockerfile, understood but not expanded. */
export type Instruction = Meaning & Place;
/** What stands inside a stage. */
export type StageInstruction = Exclude<Meaning, FromInstruction> & Place;

type Parsers = { readonly [Kind in Meaning['kind']]: (node: Node) => Extract<Meaning, { kind: Kind }> };

const parsers: Parsers = {
  add: parseAdd, arg: parseArg, cmd: parseCmd, copy: parseCopy, entrypoint: parseEntrypoint, env: parseEnv, expose: parseExpose, from: parseFrom,
  healthcheck: parseHealthcheck, label: parseLabel, maintainer: parseMaintainer, onbuild: parseOnbuild, run: parseRun, shell: parseShell,
  stopsignal: parseStopSignal, user: parseUser, volume: parseVolume, workdir: parseWorkdir,
};

/** @throws DockerfileError without lines: who calls knows them */
export function parseInstruction(node: Node): Instruction {
  const kind = node.name.toLowerCase();
  if (!Object.hasOwn(parsers, kind)) {
    const names = Object.keys(parsers).map((name) => name.toUpperCase());
    throw new DockerfileError(`unknown instruction: ${node.name}`, { token: node.name, suggestion: suggest(node.name, names, { ignoreCase: true }) });
  }
  const meaning = parsers[kind as Meaning['kind']](node);
  return { ...meaning, name: node.name, source: trim(node.original), lines: node.lines };
}
