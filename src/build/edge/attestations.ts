import type { Predicate } from '#image/oci/attestation.ts';
import { parsePlatformSpecifier } from '#build/dockerfile/plan/platform-text.ts';
import { installedPackages, MANIFEST_PATTERNS } from '../solver/attest/installed-packages.ts';
import type { AttestationRequest } from '../solver/attest/attestation-request.ts';
import { provenancePredicate } from '../solver/attest/provenance.ts';
import { spdxPredicate } from '../solver/attest/spdx.ts';
import type { LayerRef } from '../solver/operation.ts';
import type { ActiveBuild, FrontendResult } from './active-build.ts';
import { sourceOf, type ExecutorPorts } from './step-executor.ts';

export interface AttestedResult {
  readonly result: FrontendResult;
  readonly layers: readonly LayerRef[];
  readonly names: readonly string[];
  readonly attributes: ReadonlyMap<string, string>;
  readonly epochNs: bigint | undefined;
  readonly version: string;
}

const MOST_MANIFEST_BYTES = 32 << 20;

/** What was asked to be said about a result. */
export async function makePredicates(build: ActiveBuild, request: AttestationRequest, attested: AttestedResult, ports: ExecutorPorts): Promise<readonly Predicate[]> {
  const { result, attributes } = attested;
  const predicates: Predicate[] = [];
  if (request.sbom) predicates.push(await build.progress.around(`[${result.platform}] generating sbom using gantry`, () => billOf(build, attested, ports)));
  if (request.provenance === undefined) return predicates;
  const { os, architecture } = { os: 'linux', architecture: ports.engine.info.facts.architecture };
  const { node, source } = result;
  predicates.push(provenancePredicate({
    ref: build.ref, startedNs: build.startedNs, finishedNs: ports.clock.nowNs(), attributes, node,
    source: source === undefined ? undefined : { fileName: source.fileName, base64: Buffer.from(source.text).toString('base64') },
    platform: parsePlatformSpecifier(result.platform, { os, architecture }), builderPlatform: `${os}/${architecture}`,
  }, request.provenance));
  return predicates;
}

async function billOf(build: ActiveBuild, { layers, names, epochNs, version }: AttestedResult, { trees, clock }: ExecutorPorts): Promise<Predicate> {
  const files = layers.length === 0 ? [] : await trees.collect(sourceOf({ kind: 'layers', layers }), MANIFEST_PATTERNS, MOST_MANIFEST_BYTES, build.signal);
  const digest = layers.at(-1)?.chain ?? 'scratch';
  return spdxPredicate({ name: names[0] ?? digest, digest, createdNs: epochNs ?? clock.nowNs(), tool: `gantry-${version}`, packages: installedPackages(files) });
}
