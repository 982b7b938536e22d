import type { Platform } from '#image/oci/platform.ts';
import { at, DockerfileError, type Lines } from '../dockerfile-error.ts';
import { expand, type Escape } from '../expand/lexer.ts';
import type { StageInstruction } from '../instruction/instruction.ts';
import { parseCheckOptions, type CheckOptions } from '../lint/check-options.ts';
import { checkDefaultBases, checkPlatform, checkUndeclared } from '../lint/check-from.ts';
import { Linter } from '../lint/linter.ts';
import { parseDockerfile, type Document } from '../parse/parse-dockerfile.ts';
import { quote } from '../_quote.ts';
import { suggest } from '../suggest.ts';
import type { BuildPlan, PlannedInstruction, PlannedStage, PlanOptions, StageBase } from './build-plan.ts';
import { refuseOtherFrontends } from './_frontend.ts';
import { predefinedArgs, resolveGlobals, type Globals } from './_globals.ts';
import { namedContext } from './_image-name.ts';
import { parsePlatformSpecifier } from './platform-text.ts';
import { buildOrder } from './_order.ts';
import { readFile, type WrittenStage } from './_read-file.ts';
import { StageList } from './_stage-list.ts';
import { parseTrigger } from './_triggers.ts';

/** @throws DockerfileError */
export function planDockerfile(text: string, options: PlanOptions): BuildPlan {
  if (text === '') throw new DockerfileError('the Dockerfile cannot be empty');
  refuseOtherFrontends(text, options);
  const document = parseDockerfile(text);
  const checks = checkOptions(document, options);
  const linter = new Linter(checks);
  const file = readFile(document, linter);
  const target = options.target === undefined || options.target === '' ? file.stages.at(-1)?.from.stage ?? '' : options.target;
  const predefined = predefinedArgs(options, target);
  checkDefaultBases(file, predefined, document.escape, linter);
  const globals = resolveGlobals(predefined, file.globals, document.escape, options.buildArgs);
  const planner = new Planner(document.escape, options, globals, linter);
  const plan = planner.plan(file.stages);
  return { ...plan, options, checks, escape: document.escape, text, globals: globals.variables, globalArgs: globals.args, warnings: linter.warnings };
}

/** The directive's, unless the build has its own. */
function checkOptions({ directives }: Document, { buildArgs }: PlanOptions): CheckOptions {
  const directive = directives.find(({ name }) => name === 'check');
  const given = buildArgs?.get('BUILDKIT_DOCKERFILE_CHECK');
  if (given !== undefined) return parseCheckOptions(given);
  return directive === undefined ? parseCheckOptions('') : at(directive.lines, () => parseCheckOptions(directive.value.split(' ', 1)[0] as string));
}

class Planner {
  readonly #escape: Escape;
  readonly #options: PlanOptions;
  readonly #globals: Globals;
  readonly #linter: Linter;
  readonly #platform: Platform;

  constructor(escape: Escape, options: PlanOptions, globals: Globals, linter: Linter) {
    this.#escape = escape;
    this.#options = options;
    this.#globals = globals;
    this.#linter = linter;
    this.#platform = options.targetPlatform ?? options.buildPlatform;
  }

  plan(written: readonly WrittenStage[]): Pick<BuildPlan, 'stages' | 'target' | 'order'> {
    const list = new StageList([], this.#options.namedContexts, this.#platform);
    for (const stage of written) list.add(this.#stage(list, stage));
    const resolving = new StageList(list.stages, this.#options.namedContexts, this.#platform);
    for (const [index, stage] of written.entries()) this.#resolve(resolving, index, stage);
    const target = this.#target(resolving);
    const { stages } = resolving;
    const [only] = stages;
    // As BuildKit counts: a mount without `from` reads from a stage too.
    const isAlone = stages.length === 1 && !written.some(({ instructions }) => instructions.some((one) => one.kind === 'run' && one.mounts.length > 0));
    const order = buildOrder(stages, target, this.#options.allStages ?? false);
    return { stages: isAlone && only !== undefined ? [{ ...only, label: '' }] : stages, target, order };
  }

  #stage(list: StageList, { from }: WrittenStage): PlannedStage {
    const index = list.stages.length;
    const base = at(from.lines, () => this.#expandFrom(from.base, from.lines));
    if (base === '') throw new DockerfileError(`base name (${from.base}) should not be blank`, { lines: from.lines, token: from.base });
    const platform = from.platform === undefined ? undefined : at(from.lines, () => this.#expandPlatform(from.platform as string, from.stage ?? '', from.lines));
    return {
      index,
      label: from.stage ?? `stage-${index}`,
      name: from.stage,
      base: at(from.lines, () => this.#base(list, base, from.stage, platform)),
      platform,
      instructions: [],
      needs: [],
      isImplicit: false,
      ignoresCache: this.#ignoresCache(from.stage ?? ''),
      usesGlobals: [from.base, from.platform ?? ''].flatMap((written) => [...expand(written, this.#globals.variables, this.#escape).matched]),
      source: from.source,
      lines: from.lines,
      comment: from.comment,
    };
  }

  #expandFrom(text: string, lines: Lines): string {
    const expansion = expand(text, this.#globals.variables, this.#escape);
    checkUndeclared(expansion.unmatched, this.#globals, lines, this.#linter);
    return expansion.text;
  }

  #expandPlatform(written: string, stage: string, lines: Lines): Platform {
    const expansion = expand(written, this.#globals.variables, this.#escape);
    checkUndeclared(expansion.unmatched, this.#globals, lines, this.#linter);
    checkPlatform({ written, stage, expansion, globals: this.#globals, lines, host: this.#options.buildPlatform }, this.#linter);
    const suggestion = [...expansion.unmatched].map((name) => suggest(name, this.#globals.variables.keys())).find((near) => near !== undefined);
    if (expansion.text === '') throw new DockerfileError(`empty platform value from expression ${written}`, { lines, token: written, suggestion });
    try {
      return parsePlatformSpecifier(expansion.text, this.#options.buildPlatform);
    } catch (error) {
      if (!(error instanceof DockerfileError)) throw error;
      throw new DockerfileError(`failed to parse platform ${written}: ${error.message}`, { lines, token: written, suggestion });
    }
  }

  /** A context of the stage's own name stands for the whole stage; one of the base's name for the base. */
  #base(list: StageList, base: string, stage: string | undefined, platform: Platform | undefined): StageBase {
    const own = stage === undefined ? undefined : namedContext(stage, platform ?? this.#platform, this.#options.namedContexts);
    if (own !== undefined) return { kind: 'context', name: own };
    // Stages are found by their name in lower case only.
    const known = base === base.toLowerCase() ? list.find(base) : undefined;
    return known === undefined ? list.baseNamed(base, platform ?? this.#platform) : { kind: 'stage', index: known };
  }

  #resolve(list: StageList, index: number, { from, instructions }: WrittenStage): void {
    const stage = list.stages[index] as PlannedStage;
    const isReplaced = stage.base.kind === 'context' && from.stage !== undefined && namedContext(from.stage, stage.platform ?? this.#platform, this.#options.namedContexts) !== undefined;
    const inherited = stage.base.kind === 'stage' ? inheritedTriggers(list.stages[stage.base.index] as PlannedStage, stage.lines) : [];
    const planned = isReplaced ? [] : [
      ...inherited.map((instruction) => list.resolve(instruction, true, this.#escape)),
      ...instructions.map((instruction) => list.resolve(instruction, false, this.#escape)),
    ];
    list.stages[index] = { ...stage, instructions: planned, needs: needsOf(stage.base, planned) };
  }

  #target(list: StageList): number {
    const { target } = this.#options;
    const fileStages = list.stages.filter(({ isImplicit }) => !isImplicit);
    if (target === undefined || target === '') return fileStages.length - 1;
    const found = list.find(target);
    if (found === undefined) throw new DockerfileError(`target stage ${quote(target)} could not be found`, { suggestion: suggest(target, fileStages.map(({ label }) => label)) });
    return found;
  }

  #ignoresCache(stage: string): boolean {
    const { noCache } = this.#options;
    return noCache !== undefined && (noCache.length === 0 || noCache.some((name) => name.toLowerCase() === stage));
  }
}

/** ONBUILD of the stage below, in this file. */
function inheritedTriggers({ instructions }: PlannedStage, lines: Lines): StageInstruction[] {
  return instructions.flatMap(({ instruction }) => (instruction.kind === 'onbuild' ? [parseTrigger(instruction.expression, lines)] : []));
}

export function needsOf(base: StageBase, instructions: readonly PlannedInstruction[]): number[] {
  const needs = new Set(base.kind === 'stage' ? [base.index] : []);
  for (const { sources } of instructions) for (const source of sources) if (source !== undefined) needs.add(source);
  return [...needs].sort((left, right) => left - right);
}
