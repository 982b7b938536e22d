import { GantryError } from '#base/error.ts';
import type { FoundDevice, Host } from '#container/host/port.ts';
import type { SecuritySpec } from '#container/model/container-spec.ts';
import type { Resources } from '#container/model/resources.ts';
import { selectEdits } from './cdi/select.ts';
import { parseCdiSpec, type Edits } from './cdi/spec.ts';
import type { ResolvedDevice } from './runtime-spec/build.ts';
import { limitedDevices, type BlockDevices } from './runtime-spec/resources.ts';

type Finder = Pick<Host, 'findDevices'>;

/** What drivers of devices change in a container, and the device nodes that it gets by that. */
export interface DriverEdits {
  readonly edits: readonly Edits[];
  readonly nodes: readonly ResolvedDevice[];
}

function resolved(found: FoundDevice, path: string, permissions: string): ResolvedDevice {
  const { below, ...device } = found;
  return { ...device, path: `${path}${below}`, permissions };
}

/** Devices that a container is to have: those named, and for a privileged one all of the host. Each path once. */
export async function resolveDevices(host: Finder, security: SecuritySpec): Promise<readonly ResolvedDevice[]> {
  const byPath = new Map<string, ResolvedDevice>();
  const add = (device: ResolvedDevice): void => void byPath.set(device.path, device);
  if (security.privileged) for (const found of await host.findDevices('/dev')) add(resolved(found, '/dev', 'rwm'));
  for (const { hostPath, containerPath, permissions } of security.devices) {
    const found = await host.findDevices(hostPath);
    if (found.length === 0) {
      throw new GantryError('internal', `error gathering device information while adding custom device "${hostPath}": no such file or directory`, { hint: 'name a device of the host, or a directory of devices' });
    }
    for (const device of found) add(resolved(device, containerPath, permissions));
  }
  return [...byPath.values()];
}

/** @throws GantryError invalid for a path that is no device */
export async function resolveBlockDevices(host: Finder, resources: Resources): Promise<BlockDevices> {
  const devices = new Map<string, { readonly major: number; readonly minor: number }>();
  for (const path of limitedDevices(resources)) {
    const [found] = await host.findDevices(path);
    if (found === undefined) throw new GantryError('invalid', `stat ${path}: no such file or directory`, { hint: 'name a block device as lsblk shows it' });
    devices.set(path, { major: found.major, minor: found.minor });
  }
  return devices;
}

/** @throws GantryError where a device or its driver is not there */
export async function resolveDriverEdits(host: Finder & Pick<Host, 'readCdiFiles'>, { deviceRequests = [] }: SecuritySpec): Promise<DriverEdits> {
  if (deviceRequests.length === 0) return { edits: [], nodes: [] };
  const specs = (await host.readCdiFiles()).map(({ path, json }) => parseCdiSpec(path, json));
  const edits = selectEdits(deviceRequests, specs);
  const nodes: ResolvedDevice[] = [];
  for (const { path, hostPath, permissions, mode, uid, gid } of edits.flatMap((edit) => edit.nodes)) {
    const [found] = await host.findDevices(hostPath);
    if (found === undefined) throw new GantryError('internal', `CDI device injection failed: ${hostPath} is no device of this host`, { hint: 'make the specification anew: it may be of another boot' });
    const device = resolved(found, path, permissions);
    nodes.push({ ...device, path, mode: mode ?? device.mode, uid: uid ?? device.uid, gid: gid ?? device.gid });
  }
  return { edits, nodes };
}
