import { GantryError, messageOf } from '#base/error.ts';
import { DockerfileError } from '#build/dockerfile/dockerfile-error.ts';
import { emptyBase, evaluateStage, imageBase, platformOf } from '#build/dockerfile/evaluate/evaluate-stage.ts';
import { violation } from '#build/dockerfile/lint/linter.ts';
import type { Warning } from '#build/dockerfile/lint/warning.ts';
import type { BuildPlan, PlannedStage, StageBase } from '#build/dockerfile/plan/build-plan.ts';
import type { StepSource } from '#build/dockerfile/plan/build-step.ts';
import type { EvaluatedStage } from '#build/dockerfile/plan/evaluated-stage.ts';
import { planDockerfile } from '#build/dockerfile/plan/plan-dockerfile.ts';
import { parsePlatformSpecifier, platformText } from '#build/dockerfile/plan/platform-text.ts';
import { scannedParts } from '#build/dockerfile/plan/scanned-parts.ts';
import type { StageImage } from '#build/dockerfile/plan/stage-image.ts';
import { baseTitle } from '#build/dockerfile/plan/step-title.ts';
import { withTriggers } from '#build/dockerfile/plan/with-triggers.ts';
import type { Platform } from '#image/oci/platform.ts';
import { renderFrontendConfig } from '../solver/image-document.ts';
import { lowerStep, type BuildNode } from '../solver/lower-step.ts';
import type { RunMachine } from '../solver/operation.ts';
import { parsePathPattern, parsePathRules } from '../solver/path-pattern.ts';
import { DetailedError } from '../wire/grpc.ts';
import { sourceDetail, type ActiveBuild, type FrontendResult } from './active-build.ts';
import type { ProgressVertex, SourceText } from './build-progress.ts';
import type { BuildContext } from './build-context.ts';
import type { FrontendOptions } from './frontend-options.ts';
import type { ResolvedBase } from './resolve-base.ts';

export interface FrontendWorld {
  readonly build: ActiveBuild;
  readonly options: FrontendOptions;
  readonly context: BuildContext;
  readonly buildPlatform: Platform;
  readonly targetPlatform: Platform;
  readonly isMultiPlatform: boolean;
  /** An image by its full name; a named context by its key. Throws `not-found`. */
  readonly resolve: (base: Extract<StageBase, { kind: 'image' | 'context' }>, platform: Platform) => Promise<ResolvedBase>;
}

export interface DockerfileResult {
  readonly result: Omit<FrontendResult, 'id'>;
  readonly warnings: readonly Warning[];
  /** What `check=error=true` makes of them. A build is refused for it, of a check it is part of the answer. */
  readonly violation: DockerfileError | undefined;
  readonly source: SourceText;
  readonly plan: BuildPlan;
  /** The stages of the plan's order. */
  readonly evaluated: ReadonlyMap<number, EvaluatedStage>;
}

/** From a Dockerfile to a graph of steps. Images are looked up, nothing runs. */
export async function buildDockerfile(world: FrontendWorld): Promise<DockerfileResult> {
  const { text, fileName, vertex } = await world.context.dockerfile();
  const source: SourceText = { fileName, text };
  try {
    const stages = new Stages(world, planDockerfile(text, planOptions(world)));
    const target = await stages.build();
    const warnings = stages.warnings();
    const refused = violation(stages.plan.checks, warnings);
    if (world.options.request !== 'frontend.lint') {
      for (const warning of warnings) warn(vertex, warning, source);
      if (refused !== undefined) throw refused;
    }
    return { result: { ...target, source }, warnings, violation: refused, source, plan: stages.plan, evaluated: stages.evaluated() };
  } catch (thrown) {
    throw withLines(thrown, source);
  }
}

function planOptions({ options, buildPlatform, targetPlatform, isMultiPlatform }: FrontendWorld): Parameters<typeof planDockerfile>[1] {
  return {
    target: options.target, buildArgs: options.buildArgs, buildPlatform, targetPlatform, namedContexts: [...options.contexts.keys()], noCache: options.noCache,
    // A check without a target is one of every stage.
    isMultiPlatform, allStages: options.request === 'frontend.lint' && (options.target ?? '') === '',
  };
}

function warn(vertex: ProgressVertex, { rule, message, description, url, lines }: Warning, source: SourceText): void {
  vertex.warn({ message: `${rule}: ${message} (line ${lines.start})`, detail: description, url, source, lines });
}

export function withLines(thrown: unknown, source: SourceText): unknown {
  if (!(thrown instanceof DockerfileError) || thrown.lines === undefined) return thrown;
  return new DetailedError(thrown.kind, thrown.message, [sourceDetail(source, thrown.lines)], thrown);
}

interface BuiltStage {
  readonly evaluated: EvaluatedStage;
  readonly node: BuildNode | undefined;
}

/** The stages of a plan, evaluated one after the other, and their steps as nodes. */
class Stages {
  readonly #world: FrontendWorld;
  readonly #built = new Map<number, BuiltStage>();
  readonly #bases = new Map<number, ResolvedBase>();
  /** Stages on the same image stand on one step. */
  readonly #images = new Map<string, BuildNode>();
  #plan: BuildPlan;

  constructor(world: FrontendWorld, plan: BuildPlan) {
    this.#world = world;
    this.#plan = plan;
  }

  get plan(): BuildPlan {
    return this.#plan;
  }

  async build(): Promise<Omit<FrontendResult, 'id' | 'source'>> {
    await this.#resolveBases();
    await this.#world.context.readIgnore();
    const { options, context, targetPlatform } = this.#world;
    const evaluated = new Map<number, EvaluatedStage>();
    for (const index of this.#plan.order) evaluated.set(index, evaluateStage(this.#plan, index, this.#baseOf(index, evaluated), context.ignore));
    context.reads([...evaluated.values()].flatMap(({ contextPaths }) => contextPaths));
    for (const [index, stage] of evaluated) this.#built.set(index, { evaluated: stage, node: this.#lower(index, stage) });
    const target = this.#built.get(this.#plan.target);
    if (target === undefined) throw new GantryError('internal', 'the target of the build was not built');
    return { node: target.node, configJson: renderFrontendConfig(labelled(target.evaluated.image, options.labels)), platform: platformText(targetPlatform), scans: this.#scans() };
  }

  #scans(): NonNullable<FrontendResult['scans']> {
    const { stages, context } = scannedParts(this.#plan);
    const scans = stages.map((index) => ({ name: this.#stage(index).name ?? String(index), node: this.#nodeOf(index) }));
    return context ? [...scans, { name: 'context', node: this.#world.context.node() }] : scans;
  }

  evaluated(): ReadonlyMap<number, EvaluatedStage> {
    return new Map([...this.#built].map(([index, { evaluated }]) => [index, evaluated]));
  }

  warnings(): readonly Warning[] {
    return [...this.#plan.warnings, ...[...this.#built.values()].flatMap(({ evaluated }) => evaluated.warnings)];
  }

  /** Images first, all at once; what their ONBUILD brings may need further ones. */
  async #resolveBases(): Promise<void> {
    for (;;) {
      const missing = this.#plan.order.filter((index) => !this.#bases.has(index) && isResolvable(this.#stage(index).base));
      if (missing.length === 0) return;
      await Promise.all(missing.map(async (index) => {
        const stage = this.#stage(index);
        try {
          this.#bases.set(index, await this.#world.resolve(stage.base as Extract<StageBase, { kind: 'image' | 'context' }>, platformOf(this.#plan, stage)));
        } catch (thrown) {
          if (thrown instanceof DockerfileError || !(thrown instanceof GantryError) || thrown.kind === 'interrupted') throw thrown;
          throw new DockerfileError(messageOf(thrown), { lines: stage.lines });
        }
      }));
      for (const index of missing) this.#plan = withTriggers(this.#plan, index, this.#bases.get(index)?.config?.config.OnBuild);
    }
  }

  #baseOf(index: number, evaluated: ReadonlyMap<number, EvaluatedStage>): StageImage {
    const stage = this.#stage(index);
    if (stage.base.kind === 'stage') {
      const below = evaluated.get(stage.base.index);
      if (below === undefined) throw new GantryError('internal', `stage ${stage.base.index} comes after ${index}, which stands on it`);
      return below.image;
    }
    const resolved = this.#bases.get(index);
    if (resolved?.config === undefined) return emptyBase(platformOf(this.#plan, stage));
    const { architecture, os, variant } = resolved.config;
    return imageBase({ architecture, os, ...(variant === undefined ? {} : { variant }) }, resolved.config);
  }

  #lower(index: number, { steps }: EvaluatedStage): BuildNode | undefined {
    const { options, build, context } = this.#world;
    const machine: RunMachine = options.machine;
    const find = (source: StepSource): BuildNode => (source.kind === 'context' ? context.node() : this.#nodeOf(source.index));
    let node = this.#baseNode(index);
    for (const step of steps) {
      const forced = step.kind === 'run' && options.network !== 'default' && step.network === 'default' ? { ...step, network: options.network } : step;
      node = lowerStep(forced, node, {
        find, parsePattern: parsePathPattern, parseRules: parsePathRules, session: build.session, machine, cacheNamespace: options.cacheNamespace,
        ...(options.epochSeconds === undefined ? {} : { epochSeconds: options.epochSeconds }),
      });
    }
    return node;
  }

  #baseNode(index: number): BuildNode | undefined {
    const stage = this.#stage(index);
    if (stage.base.kind === 'stage') return this.#built.get(stage.base.index)?.node;
    const resolved = this.#bases.get(index);
    if (resolved === undefined) return undefined;
    if (resolved.node !== undefined) return resolved.node;
    const title = baseTitle(this.#plan, stage, resolved.reference, platformOf(this.#plan, stage));
    const known = this.#images.get(resolved.reference);
    if (known !== undefined) return known;
    const { reference, digest, layers } = resolved;
    const node: BuildNode = { op: { kind: 'image', title, layers, source: { reference, ...(digest === undefined ? {} : { digest }) }, ...(stage.isImplicit ? {} : { lines: stage.lines }) }, inputs: [], ignoresCache: false };
    this.#images.set(resolved.reference, node);
    return node;
  }

  /** Nothing but `FROM scratch` has no node; to read from it is to read from no layers. */
  #nodeOf(index: number): BuildNode {
    return this.#built.get(index)?.node ?? { op: { kind: 'image', title: 'FROM scratch', layers: [] }, inputs: [], ignoresCache: false };
  }

  #stage(index: number): PlannedStage {
    const stage = this.#plan.stages[index];
    if (stage === undefined) throw new GantryError('internal', `the build plan has no stage ${index}`);
    return stage;
  }
}

function isResolvable({ kind }: StageBase): boolean {
  return kind === 'image' || kind === 'context';
}

/** `--label` goes over those of the Dockerfile. */
function labelled(image: StageImage, labels: ReadonlyMap<string, string>): StageImage {
  if (labels.size === 0) return image;
  return { ...image, config: { ...image.config, Labels: { ...image.config.Labels, ...Object.fromEntries(labels) } } };
}

/** `--platform`, or the machine's own. */
export function targetPlatforms({ platforms }: FrontendOptions, buildPlatform: Platform): readonly Platform[] {
  return platforms.length === 0 ? [buildPlatform] : platforms.map((text) => parsePlatformSpecifier(text, buildPlatform));
}
