import { formatTimeNs } from '#base/clock.ts';
import type { Json, JsonObject } from '#base/json.ts';
import type { Predicate } from '#image/oci/attestation.ts';
import type { Platform } from '#image/oci/platform.ts';
import type { Step } from '../graph.ts';
import type { Operation } from '../operation.ts';
import type { ProvenanceRequest } from './attestation-request.ts';
import { describeSteps, materialsOf, redacted, secretsOf } from './build-description.ts';

/** One build that came to its end. */
export interface FinishedBuild {
  readonly ref: string;
  readonly startedNs: bigint;
  readonly finishedNs: bigint;
  /** As the client sent them to the frontend. */
  readonly attributes: ReadonlyMap<string, string>;
  readonly node: Step<Operation> | undefined;
  /** Base64 of the Dockerfile, and its name. */
  readonly source: { readonly fileName: string; readonly base64: string } | undefined;
  readonly platform: Platform;
  /** Of the machine that builds: `linux/amd64`. */
  readonly builderPlatform: string;
}

const BUILD_TYPE = { 'v0.2': 'https://mobyproject.org/buildkit@v1', v1: 'https://github.com/moby/buildkit/blob/master/docs/attestations/slsa-definitions.md' } as const;
const PREDICATE_TYPE = { 'v0.2': 'https://slsa.dev/provenance/v0.2', v1: 'https://slsa.dev/provenance/v1' } as const;
/** About the machine and the client rather than the result. */
const LEFT_OUT = new Set(['cgroup-parent', 'image-resolve-mode', 'platform', 'cache-imports']);

interface Facts {
  readonly materials: readonly JsonObject[];
  readonly configSource: { readonly uri?: string; readonly path?: string };
  readonly parameters: JsonObject;
  readonly buildConfig: JsonObject | undefined;
  readonly metadata: JsonObject;
  readonly isHermetic: boolean;
  readonly areParametersComplete: boolean;
  readonly areMaterialsComplete: boolean;
}

/** SLSA provenance as BuildKit writes it (docs/attestations/slsa-provenance.md). */
export function provenancePredicate(build: FinishedBuild, request: ProvenanceRequest): Predicate {
  const facts = factsOf(build, request);
  return { type: PREDICATE_TYPE[request.version], value: request.version === 'v1' ? renderV1(build, request, facts) : renderV02(build, request, facts) };
}

function factsOf({ attributes, node, source, platform }: FinishedBuild, { mode }: ProvenanceRequest): Facts {
  const args = new Map([...attributes].filter(([key]) => !LEFT_OUT.has(key) && !key.startsWith('attest:')));
  const contextKey = args.get('contextkey') ?? 'context';
  const context = args.get(contextKey);
  const path = args.get('filename') ?? source?.fileName;
  const vcs = [...args].filter(([key, value]) => key.startsWith('vcs:') && value !== '').map(([key, value]) => [key.slice(4), key === 'vcs:source' ? redacted(value) : value] as const);
  const isConfidential = (key: string): boolean => key.startsWith('build-arg:') || key.startsWith('label:');
  const told = [...args].filter(([key]) => key !== contextKey && key !== 'filename' && !key.startsWith('vcs:') && (mode === 'max' || !isConfidential(key)));
  const { materials, isComplete } = materialsOf(node, platform);
  const { secrets, ssh, usesNetwork } = secretsOf(node);
  const { steps, lines } = describeSteps(node);
  const locals = context === undefined || context === '' ? [{ name: 'context' }, { name: 'dockerfile' }] : [];
  return {
    materials,
    configSource: { ...(context === undefined || context === '' ? {} : { uri: redacted(context) }), ...(path === undefined ? {} : { path }) },
    parameters: {
      frontend: 'dockerfile.v0', args: Object.fromEntries(told),
      ...(mode === 'max' && secrets.length > 0 ? { secrets: [...secrets] } : {}), ...(mode === 'max' && ssh.length > 0 ? { ssh: [...ssh] } : {}), ...(locals.length === 0 ? {} : { locals }),
    },
    buildConfig: mode === 'max' ? { llbDefinition: steps as Json[] } : undefined,
    metadata: {
      ...(vcs.length === 0 ? {} : { vcs: Object.fromEntries(vcs) }),
      ...(mode === 'max' && source !== undefined ? { source: { locations: locationsOf(lines), infos: [{ filename: source.fileName, language: 'Dockerfile', data: source.base64 }] } } : {}),
    },
    isHermetic: isComplete && !usesNetwork,
    areParametersComplete: mode === 'max' || ![...args.keys()].some(isConfidential),
    areMaterialsComplete: isComplete,
  };
}

function locationsOf(lines: ReadonlyMap<string, { readonly start: number; readonly end: number }>): JsonObject {
  return Object.fromEntries([...lines].map(([step, { start, end }]) => [step, { locations: [{ ranges: [{ start: { line: start }, end: { line: end } }] }] }]));
}

function renderV02(build: FinishedBuild, { builderId, isReproducible }: ProvenanceRequest, facts: Facts): JsonObject {
  const { uri, path } = facts.configSource;
  return {
    builder: { id: builderId },
    buildType: BUILD_TYPE['v0.2'],
    materials: [...facts.materials],
    invocation: { configSource: { ...(uri === undefined ? {} : { uri }), ...(path === undefined ? {} : { entryPoint: path }) }, parameters: facts.parameters, environment: { platform: build.builderPlatform } },
    ...(facts.buildConfig === undefined ? {} : { buildConfig: facts.buildConfig }),
    metadata: {
      buildInvocationID: build.ref, buildStartedOn: formatTimeNs(build.startedNs), buildFinishedOn: formatTimeNs(build.finishedNs),
      completeness: { parameters: facts.areParametersComplete, environment: true, materials: facts.areMaterialsComplete },
      reproducible: isReproducible, 'https://mobyproject.org/buildkit@v1#metadata': facts.metadata,
      ...(facts.isHermetic ? { 'https://mobyproject.org/buildkit@v1#hermetic': true } : {}),
    },
  };
}

function renderV1(build: FinishedBuild, { builderId, isReproducible }: ProvenanceRequest, facts: Facts): JsonObject {
  return {
    buildDefinition: {
      buildType: BUILD_TYPE.v1,
      externalParameters: { configSource: facts.configSource, request: facts.parameters },
      internalParameters: { ...(facts.buildConfig === undefined ? {} : { buildConfig: facts.buildConfig }), builderPlatform: build.builderPlatform },
      resolvedDependencies: [...facts.materials],
    },
    runDetails: {
      builder: { id: builderId },
      metadata: {
        invocationId: build.ref, startedOn: formatTimeNs(build.startedNs), finishedOn: formatTimeNs(build.finishedNs), buildkit_metadata: facts.metadata,
        ...(facts.isHermetic ? { buildkit_hermetic: true } : {}), buildkit_completeness: { request: facts.areParametersComplete, resolvedDependencies: facts.areMaterialsComplete },
        ...(isReproducible ? { buildkit_reproducible: true } : {}),
      },
    },
  };
}
