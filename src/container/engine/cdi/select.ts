import { GantryError } from '#base/error.ts';
import type { DriverRequest } from '#container/model/resources.ts';
import type { CdiSpec, Edits } from './spec.ts';

/** A device that stands for all others of its kind. */
const ALL = 'all';
/** Kinds that serve `--gpus`, the first that is there. */
const GPU_KINDS = ['nvidia.com/gpu', 'amd.com/gpu'];

function noDriver({ driver, capabilities }: DriverRequest): GantryError {
  const sets = capabilities.map((set) => `[${set.join(' ')}]`).join(' ');
  return new GantryError('internal', `could not select device driver "${driver}" with capabilities: [${sets}]`);
}

function namesOfGpus(request: DriverRequest, specs: readonly CdiSpec[]): string[] {
  const wanted = GPU_KINDS.filter((kind) => request.driver === '' || kind.startsWith(`${request.driver}.`));
  const kind = wanted.find((candidate) => specs.some((spec) => spec.kind === candidate));
  if (kind === undefined || !request.capabilities.some((set) => set.includes('gpu'))) throw noDriver(request);
  const present = specs.filter((spec) => spec.kind === kind).flatMap(({ devices }) => [...devices.keys()]);
  const single = present.filter((name) => name !== ALL);
  const names = request.ids.length > 0 ? request.ids : request.count < 0 ? (present.includes(ALL) ? [ALL] : single) : single.slice(0, request.count);
  if (names.length < request.count) throw new GantryError('unavailable', `${request.count} devices of ${kind} are asked for, and there are ${single.length}`);
  return names.map((name) => `${kind}=${name}`);
}

function namesOf(request: DriverRequest, specs: readonly CdiSpec[]): readonly string[] {
  if (request.driver !== 'cdi') return namesOfGpus(request, specs);
  if (request.count !== 0) throw new GantryError('invalid', 'unexpected count in CDI device request');
  if (Object.keys(request.options).length > 0) throw new GantryError('invalid', 'unexpected options in CDI device request');
  return request.ids;
}

/**
 * What the devices that are asked for change in a container. Of two files with one device the later directory wins.
 * @throws GantryError with Docker's words where a device or a driver is not there
 */
export function selectEdits(requests: readonly DriverRequest[], specs: readonly CdiSpec[]): readonly Edits[] {
  const used = new Set<CdiSpec>();
  const edits: Edits[] = [];
  const missing: string[] = [];
  for (const name of new Set(requests.flatMap((request) => namesOf(request, specs)))) {
    const at = name.indexOf('=');
    const spec = specs.findLast(({ kind, devices }) => kind === name.slice(0, at) && devices.has(name.slice(at + 1)));
    const own = spec?.devices.get(name.slice(at + 1));
    if (spec === undefined || own === undefined) {
      missing.push(name);
      continue;
    }
    if (!used.has(spec)) edits.push(spec.edits);
    used.add(spec);
    edits.push(own);
  }
  if (missing.length > 0) {
    throw new GantryError('internal', `CDI device injection failed: unresolvable CDI devices ${missing.join(', ')}`, { hint: 'specifications are read from /etc/cdi and /var/run/cdi' });
  }
  return edits;
}
