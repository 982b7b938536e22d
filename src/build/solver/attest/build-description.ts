import type { Json, JsonObject } from '#base/json.ts';
import { imagePackageUrl } from '#image/oci/package-url.ts';
import type { Platform } from '#image/oci/platform.ts';
import { stepsBelow, type Step } from '../graph.ts';
import type { Operation, OperationOf } from '../operation.ts';

/** All steps of a build as provenance tells of them: inputs by `stepN`. */
export function describeSteps(node: Step<Operation> | undefined): { readonly steps: readonly JsonObject[]; readonly lines: ReadonlyMap<string, { readonly start: number; readonly end: number }> } {
  const steps = node === undefined ? [] : stepsBelow([node]);
  const names = new Map(steps.map((step, index) => [step, `step${index}`]));
  return {
    steps: steps.map((step) => ({
      id: names.get(step) ?? '', op: { Op: describe(step.op) },
      ...(step.inputs.length === 0 ? {} : { inputs: step.inputs.map((input) => `${names.get(input.step) ?? ''}:0`) }),
    })),
    lines: new Map(steps.flatMap((step) => (step.op.lines === undefined ? [] : [[names.get(step) ?? '', step.op.lines] as const]))),
  };
}

function describe(op: Operation): JsonObject {
  switch (op.kind) {
    case 'image': return { source: { identifier: op.source === undefined ? `layers://${op.layers.at(-1)?.chain ?? ''}` : `docker-image://${op.source.reference}${op.source.digest === undefined ? '' : `@${op.source.digest}`}` } };
    case 'context': return { source: { identifier: `local://${op.name}` } };
    case 'directory': return { source: { identifier: 'local://context' } };
    case 'url': return { source: { identifier: redacted(op.url), attrs: op.checksum === undefined ? {} : { 'http.checksum': op.checksum } } };
    case 'git': return { source: { identifier: `git://${gitUri(op)}` } };
    case 'stack': return { merge: {} };
    case 'files': return { file: { actions: op.actions.map((action) => (action.kind === 'write' ? { ...action, content: null } : { ...action })) as unknown as Json[] } };
    case 'run': return {
      exec: {
        meta: { args: [...op.args], env: [...op.env], cwd: op.workingDir, user: op.user },
        network: op.network, security: op.isInsecure ? 'insecure' : 'sandbox',
        // What a script holds is told with the Dockerfile.
        mounts: op.mounts.map((mount) => ({ ...mount, content: undefined })) as unknown as Json[],
      },
    };
  }
}

/** Images, repositories and addresses that a build read, as materials of provenance. `isComplete`: each by its digest. */
export function materialsOf(node: Step<Operation> | undefined, platform: Platform): { readonly materials: readonly JsonObject[]; readonly isComplete: boolean } {
  const found = new Map<string, JsonObject>();
  let isComplete = true;
  const add = (uri: string, digest: JsonObject | undefined): void => {
    if (digest === undefined) isComplete = false;
    found.set(uri, { uri, ...(digest === undefined ? {} : { digest }) });
  };
  for (const { op } of node === undefined ? [] : stepsBelow([node])) {
    if (op.kind === 'image' && op.source !== undefined) add(imagePackageUrl(op.source.reference, platform), op.source.digest === undefined ? undefined : { sha256: op.source.digest.replace('sha256:', '') });
    if (op.kind === 'git') add(gitUri(op), op.checksum === undefined ? undefined : { [op.checksum.length === 64 ? 'sha256' : 'sha1']: op.checksum });
    if (op.kind === 'url') add(redacted(op.url), op.checksum === undefined ? undefined : { sha256: op.checksum.replace('sha256:', '') });
    if (op.kind === 'context' || op.kind === 'directory') isComplete = false;
  }
  return { materials: [...found.values()], isComplete };
}

export function secretsOf(node: Step<Operation> | undefined): { readonly secrets: readonly JsonObject[]; readonly ssh: readonly JsonObject[]; readonly usesNetwork: boolean } {
  const runs = (node === undefined ? [] : stepsBelow([node])).flatMap(({ op }) => (op.kind === 'run' ? [op] : []));
  const of = (kind: 'secret' | 'ssh'): readonly JsonObject[] => {
    const mounts = runs.flatMap(({ mounts: all }) => all.flatMap((mount) => (mount.kind === kind ? [[mount.id, mount.isRequired] as const] : [])));
    return [...new Map(mounts)].map(([id, isRequired]) => ({ id, ...(isRequired ? {} : { optional: true }) }));
  };
  return { secrets: of('secret'), ssh: of('ssh'), usesNetwork: runs.some(({ network }) => network !== 'none') };
}

function gitUri({ remote, ref }: OperationOf<'git'>): string {
  return `${redacted(remote)}${ref === '' ? '' : `#${ref}`}`;
}

/** Without what may be a password. */
export function redacted(url: string): string {
  return url.replace(/^([a-z+]+:\/\/[^/@:]*):[^/@]*@/i, '$1:xxxxx@');
}
