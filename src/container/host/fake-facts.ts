import type { HostFacts } from './facts.ts';

/** Of a machine that is none. */
export const FAKE_FACTS: HostFacts = {
  hostname: 'fake', kernelVersion: '6.1.0', operatingSystem: 'Fake Linux', osVersion: '1', machine: 'x86_64', architecture: 'amd64',
  cpus: 2, memoryNodes: 1, memoryBytes: 8 * 2 ** 30, cgroupVersion: 2, bootId: 'fake-boot', runtime: { name: 'crun', path: '/usr/bin/crun', version: '1.8' }, runtimes: [{ name: 'crun', path: '/usr/bin/crun', version: '1.8' }],
  monitorVersion: '2.1', hasIpv6: true, hasBlockWeights: true,
};
