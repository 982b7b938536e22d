import type { ImageHistory, ImageRunConfig } from '#image/oci/image-config.ts';
import type { Platform } from '#image/oci/platform.ts';
import type { Lines } from '../dockerfile-error.ts';
import { expand, type Escape, type LexerOptions, type Variables } from '../expand/lexer.ts';
import type { Place } from '../instruction/instruction.ts';
import type { Linter } from '../lint/linter.ts';
import { messages } from '../lint/rules.ts';
import type { BuildPlan, PlannedStage } from '../plan/build-plan.ts';
import type { BuildStep } from '../plan/build-step.ts';
import { stagePrefix } from '../plan/step-title.ts';
import type { DeclaredArg, StageImage } from '../plan/stage-image.ts';
import { suggest } from '../suggest.ts';

type Draft = { -readonly [Key in keyof ImageRunConfig]: ImageRunConfig[Key] };

export const HISTORY_COMMENT = 'buildkit.dockerfile.v0';
export const DEFAULT_PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';
/** Arguments that steer the scan for packages and are no variables. */
const NO_VARIABLES: ReadonlySet<string> = new Set(['BUILDKIT_SBOM_SCAN_CONTEXT', 'BUILDKIT_SBOM_SCAN_STAGE']);

/** What an instruction of a stage finds, and what it may change. */
export class StageState {
  readonly plan: BuildPlan;
  readonly stage: PlannedStage;
  readonly linter: Linter;
  readonly platform: Platform;
  readonly config: Draft;
  author: string | undefined;
  readonly history: ImageHistory[];
  readonly variables: Map<string, string>;
  readonly args: DeclaredArg[];
  hasWorkingDir: boolean;
  readonly steps: BuildStep[] = [];
  readonly contextPaths = new Set<string>();
  readonly stagePaths = new Map<number, Set<string>>();
  /** Where CMD, ENTRYPOINT and HEALTHCHECK stood last. */
  readonly lastOf = new Map<string, Lines>();
  isTrigger = false;
  #stepNumber: number;

  constructor(plan: BuildPlan, stage: PlannedStage, base: StageImage, linter: Linter) {
    this.plan = plan;
    this.stage = stage;
    this.linter = linter;
    this.platform = base.platform;
    const { OnBuild: _, ...config } = base.config;
    this.config = config;
    this.author = base.author;
    this.history = [...base.history];
    this.variables = new Map(base.scope.variables);
    this.args = [...base.scope.args];
    this.hasWorkingDir = base.scope.hasWorkingDir;
    this.#stepNumber = stage.base.kind === 'image' || stage.base.kind === 'context' ? 1 : 0;
    const env = this.config.Env ?? [];
    this.config.Env = env.some((entry) => entry.startsWith('PATH=')) || base.platform.os === 'windows' ? env : [...env, `PATH=${DEFAULT_PATH}`];
    for (const entry of this.config.Env) this.setVariable(...cutEntry(entry));
  }

  get escape(): Escape {
    return this.plan.escape;
  }

  /** The latest comes last, as in BuildKit's order of the environment. */
  setVariable(name: string, value: string): void {
    if (NO_VARIABLES.has(name)) return;
    this.variables.delete(name);
    this.variables.set(name, value);
  }

  /** Reports what is not set. */
  expand(text: string, lines: Lines, options: LexerOptions = {}): string {
    const expansion = expand(text, this.variables, options.skipQuotes === true ? '\\' : this.escape, options);
    this.reportUndefined(expansion.unmatched, lines);
    return expansion.text;
  }

  reportUndefined(unmatched: ReadonlySet<string>, lines: Lines): void {
    for (const name of unmatched) {
      if (NO_VARIABLES.has(name) || this.args.some((arg) => arg.name === name)) continue;
      this.linter.report('UndefinedVar', lines, messages.undefinedVar(name, suggest(name, this.variables.keys())));
    }
  }

  /** Answers with the place of the entry. */
  commit(createdBy: string, hasLayer = false): number {
    this.history.push({ created_by: createdBy, comment: HISTORY_COMMENT, ...(hasLayer ? {} : { empty_layer: true }) });
    return this.history.length - 1;
  }

  /** Of the step that comes next. */
  title(text: string): string {
    this.#stepNumber++;
    return stagePrefix(this.plan, this.stage, this.#stepNumber, this.platform, this.variables) + (this.isTrigger ? 'ONBUILD ' : '') + text;
  }

  /** CMD, ENTRYPOINT and HEALTHCHECK count once: the one above is reported. */
  markOnly(kind: string, { name, lines }: Place): void {
    const before = this.lastOf.get(kind);
    if (before !== undefined) this.linter.report('MultipleInstructionsDisallowed', before, messages.multipleInstructions(name));
    this.lastOf.set(kind, lines);
  }

  readsContext(path: string): void {
    this.contextPaths.add(path);
  }

  readsStage(index: number, path: string): void {
    const paths = this.stagePaths.get(index) ?? new Set();
    this.stagePaths.set(index, paths.add(path));
  }

  /** The shell form's text behind the shell. */
  withShell(text: string): readonly string[] {
    const { Shell: shell } = this.config;
    return [...(shell === undefined || shell.length === 0 ? ['/bin/sh', '-c'] : shell), text];
  }

  image(): StageImage {
    return {
      platform: this.platform, config: this.config, author: this.author, history: this.history,
      scope: { variables: this.variables as Variables, args: this.args, hasWorkingDir: this.hasWorkingDir },
    };
  }
}

export function cutEntry(entry: string): [name: string, value: string] {
  const sign = entry.indexOf('=');
  return sign < 0 ? [entry, ''] : [entry.slice(0, sign), entry.slice(sign + 1)];
}
