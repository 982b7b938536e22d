import { shortId } from '#container/model/ids.ts';
import { applyAll } from './apply.ts';
import { bundleOf, cgroupOf } from './layout.ts';
import type { EnginePorts } from './ports.ts';

/** Ends what runs without a record: a state that was lost leaves containers that nobody could name, stop or remove. */
export async function sweepOrphans(ports: EnginePorts, known: ReadonlySet<string>): Promise<void> {
  const { host, layout, log } = ports;
  for (const id of await host.listBundles()) {
    if (known.has(id)) continue;
    log(`container ${shortId(id)} has no record: it is ended`);
    const cause = 'no record of it is left';
    const bundle = bundleOf(layout, id);
    const failures = await applyAll(host, [{ kind: 'end-creation', bundle, cause }, { kind: 'delete-container', id, bundle, cgroup: cgroupOf(layout, { id }), cause }, { kind: 'remove-tree', path: bundle, cause }]);
    await host.forgetExit(id);
    for (const failure of failures) log(`end of ${shortId(id)}: left behind: ${failure}`);
  }
}
