import type { Predicate } from '#image/oci/attestation.ts';
import { parsePlatformSpecifier } from '#build/dockerfile/plan/platform-text.ts';
import { installedPackages, MANIFEST_PATTERNS } from '../solver/attest/installed-packages.ts';
import type { AttestationRequest } from '../solver/attest/attestation-request.ts';
import { provenancePredicate } from '../solver/attest/provenance.ts';
import { spdxPredicate } from '../solver/attest/spdx.ts';
import type { LayerRef } from '../solver/operation.ts';
import type { StepResult } from '../solver/result.ts';
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
  if (request.sbom) {
    const { layers, names } = attested;
    const sbom = async (of: string, make: () => Promise<Predicate>): Promise<void> => void predicates.push(await build.progress.around(`[${result.platform}] generating sbom${of} using gantry`, make));
    await sbom('', () => billOf(build, { kind: 'layers', layers }, names[0], attested, ports));
    for (const { name, node: scanned } of result.scans ?? []) {
      await sbom(` of ${name}`, async () => {
        const files = await build.evaluate(build.add({ node: scanned, configJson: '', platform: result.platform, source: result.source }));
        return { ...await billOf(build, files, name, attested, ports), part: name };
      });
    }
  }
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

async function billOf(build: ActiveBuild, result: StepResult, name: string | undefined, { epochNs, version }: AttestedResult, { trees, clock, hash }: ExecutorPorts): Promise<Predicate> {
  const isNothing = result.kind === 'layers' && result.layers.length === 0;
  const packages = installedPackages(isNothing ? [] : await trees.collect(sourceOf(result), MANIFEST_PATTERNS, MOST_MANIFEST_BYTES, build.signal));
  const digest = isNothing ? 'scratch' : result.kind === 'layers' ? result.layers.at(-1)?.chain ?? '' : `sha256:${hash(JSON.stringify(packages))}`;
  return spdxPredicate({ name: name ?? digest, digest, createdNs: epochNs ?? clock.nowNs(), tool: `gantry-${version}`, packages });
}
