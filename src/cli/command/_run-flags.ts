import { boolFlag, intFlag, listFlag, stringFlag, type FlagSpec } from '../grammar/flag.ts';
import { checkDeviceCgroupRule, parseByteRate, parseDeviceWeight, parseGpus, parseOperationRate, parseUlimit } from '../lower/device.ts';
import { parseDurationNs } from '../lower/duration.ts';
import { lowerMount } from '../lower/mount.ts';
import { parseNetwork } from '../lower/network.ts';
import { parseNanoCpus, parseSize, parseSwapSize } from '../lower/size.ts';
import { checkAttach, checkDnsSearch, checkEnv, checkExtraHost, checkIp, checkLabel, checkLink, checkSysctl } from '../lower/values.ts';

/** Makes a check of a parser: the value stays as written. */
const readBy = (parse: (text: string) => unknown) => (text: string): void => {
  parse(text);
};
const pullPolicies = ['always', 'missing', 'never'];

const size = (name: string, short: string, help: string): FlagSpec => stringFlag(name, short, help, { value: 'bytes', check: readBy(parseSize) });
const duration = (name: string, help: string): FlagSpec =>
  stringFlag(name, '', help, { value: 'duration', fallback: '0', shownDefault: '0s', check: readBy(parseDurationNs) });
const map = (name: string, help: string, more: Partial<FlagSpec> = {}): FlagSpec => listFlag(name, '', help, { value: 'map', ...more });

const processFlags: readonly FlagSpec[] = [
  listFlag('attach', 'a', 'Attach to STDIN, STDOUT or STDERR', { check: checkAttach, completes: ['stdin', 'stdout', 'stderr'] }),
  listFlag('env', 'e', 'Set an environment variable, or pass on one of ours (KEY=value, KEY)', { check: checkEnv }),
  listFlag('env-file', '', 'Read environment variables from a file', { completes: 'file' }),
  stringFlag('entrypoint', '', "Replace the image's entrypoint"),
  listFlag('group-add', '', 'Add a group to the process'),
  boolFlag('init', '', 'Run a small init as process 1 that forwards signals and reaps children'),
  boolFlag('interactive', 'i', 'Keep standard input open'),
  stringFlag('stop-signal', '', 'Signal that stops the container'),
  intFlag('stop-timeout', '', 'Seconds between the stop signal and SIGKILL'),
  boolFlag('tty', 't', 'Allocate a terminal'),
  stringFlag('user', 'u', 'Run as this user (name or uid, then maybe :group or :gid)'),
  stringFlag('workdir', 'w', 'Working directory in the container'),
];

const identityFlags: readonly FlagSpec[] = [
  map('annotation', 'Add an annotation for the OCI runtime'),
  stringFlag('cidfile', '', 'Write the container id to this file', { completes: 'file' }),
  stringFlag('domainname', '', 'NIS domain name of the container'),
  stringFlag('hostname', 'h', 'Host name of the container'),
  listFlag('label', 'l', 'Add a label (key=value)', { check: checkLabel }),
  listFlag('label-file', '', 'Read labels from a file', { completes: 'file' }),
  stringFlag('name', '', 'Name of the container'),
  stringFlag('platform', '', 'Platform of the image (os/arch/variant)'),
  stringFlag('pull', '', `When to pull the image (${pullPolicies.join(', ')})`, { fallback: 'missing', completes: pullPolicies }),
  boolFlag('quiet', 'q', 'Print nothing while pulling'),
  stringFlag('restart', '', 'When to start the container again: no, always, unless-stopped, on-failure[:max]', { fallback: 'no' }),
  boolFlag('rm', '', 'Remove the container and its anonymous volumes when it exits'),
  stringFlag('runtime', '', 'OCI runtime to run the container with'),
  boolFlag('disable-content-trust', '', 'Accepted for compatibility; signatures are not verified', true),
  boolFlag('use-api-socket', '', 'Give the container the daemon\'s API socket'),
];

const securityFlags: readonly FlagSpec[] = [
  listFlag('cap-add', '', 'Add a Linux capability'),
  listFlag('cap-drop', '', 'Drop a Linux capability'),
  stringFlag('cgroupns', '', 'Cgroup namespace: host or private', { completes: ['host', 'private'] }),
  stringFlag('ipc', '', 'IPC namespace: private, shareable, host, none or container:NAME'),
  stringFlag('pid', '', 'Process namespace: host or container:NAME'),
  boolFlag('privileged', '', 'Give the container every privilege and device'),
  boolFlag('read-only', '', "Mount the container's root read-only"),
  listFlag('security-opt', '', 'Security option: seccomp=FILE, apparmor=PROFILE, no-new-privileges, label=...'),
  map('sysctl', 'Set a kernel parameter of the namespaces', { check: checkSysctl }),
  stringFlag('userns', '', 'User namespace: host'),
  stringFlag('uts', '', 'UTS namespace: host'),
];

const networkFlags: readonly FlagSpec[] = [
  listFlag('add-host', '', 'Add a line to /etc/hosts (host:ip)', { check: checkExtraHost }),
  listFlag('dns', '', 'DNS server', { check: checkIp }),
  listFlag('dns-opt', '', 'DNS option', { aliasOf: 'dns-option', hidden: true }),
  listFlag('dns-option', '', 'DNS option'),
  listFlag('dns-search', '', 'DNS search domain', { check: checkDnsSearch }),
  listFlag('expose', '', 'Expose a port or a range of ports'),
  stringFlag('ip', '', 'IPv4 address'),
  stringFlag('ip6', '', 'IPv6 address'),
  listFlag('link', '', 'Link to another container (name:alias)', { check: checkLink }),
  listFlag('link-local-ip', '', 'Link-local address'),
  stringFlag('mac-address', '', 'MAC address'),
  listFlag('net', '', 'Connect to a network', { aliasOf: 'network', hidden: true, check: readBy(parseNetwork) }),
  listFlag('net-alias', '', 'Another name in the network', { aliasOf: 'network-alias', hidden: true }),
  listFlag('network', '', 'Connect to a network: none, host, bridge, container:NAME, a name, or name=...,alias=...,ip=...', { value: 'network', check: readBy(parseNetwork) }),
  listFlag('network-alias', '', 'Another name of the container in the network'),
  listFlag('publish', 'p', 'Publish a port ([[ip:]host:]container[/proto], ranges allowed)'),
  boolFlag('publish-all', 'P', 'Publish every exposed port at a free port'),
];

const storageFlags: readonly FlagSpec[] = [
  stringFlag('log-driver', '', 'Log driver'),
  listFlag('log-opt', '', 'Option of the log driver'),
  listFlag('mount', '', 'Mount: type=bind|volume|tmpfs|image,src=...,dst=...[,ro]', { value: 'mount', check: readBy((text) => lowerMount(text, '/')) }),
  listFlag('storage-opt', '', 'Option of the storage driver'),
  listFlag('tmpfs', '', 'Mount a tmpfs (path[:options])'),
  listFlag('volume', 'v', 'Mount a directory or a volume ([source:]target[:options])', { completes: 'file' }),
  stringFlag('volume-driver', '', 'Driver of the volumes'),
  listFlag('volumes-from', '', 'Mount the volumes of another container'),
];

const healthFlags: readonly FlagSpec[] = [
  stringFlag('health-cmd', '', 'Command that checks the health'),
  duration('health-interval', 'Time between two checks'),
  intFlag('health-retries', '', 'Failures in a row that make it unhealthy'),
  duration('health-start-interval', 'Time between two checks while it starts'),
  duration('health-start-period', 'Time to start in, during which failures do not count'),
  duration('health-timeout', 'Longest time of one check'),
  boolFlag('no-healthcheck', '', "Turn off the image's health check"),
];

const resourceFlags: readonly FlagSpec[] = [
  intFlag('blkio-weight', '', 'Weight of its disk traffic, 10 to 1000, 0 for none', { value: 'uint16' }),
  listFlag('blkio-weight-device', '', 'Weight of its traffic to one device (path:weight)', { check: readBy(parseDeviceWeight) }),
  stringFlag('cgroup-parent', '', 'Parent cgroup'),
  intFlag('cpu-period', '', 'CFS period, microseconds'),
  intFlag('cpu-quota', '', 'CFS quota, microseconds'),
  intFlag('cpu-rt-period', '', 'Real-time period, microseconds'),
  intFlag('cpu-rt-runtime', '', 'Real-time run time, microseconds'),
  intFlag('cpu-shares', 'c', 'Weight of its CPU time'),
  stringFlag('cpus', '', 'Number of CPUs, such as 1.5', { value: 'decimal', check: readBy(parseNanoCpus) }),
  stringFlag('cpuset-cpus', '', 'CPUs to run on (0-3, 0,1)'),
  stringFlag('cpuset-mems', '', 'Memory nodes to use (0-3, 0,1)'),
  listFlag('device', '', 'Add a device of the host (host[:container[:rwm]], or a CDI name)'),
  listFlag('device-cgroup-rule', '', 'Allow devices by type and number', { check: readBy(checkDeviceCgroupRule) }),
  listFlag('device-read-bps', '', 'Bytes a second to read from a device (path:rate)', { check: readBy(parseByteRate) }),
  listFlag('device-read-iops', '', 'Reads a second from a device (path:rate)', { check: readBy(parseOperationRate) }),
  listFlag('device-write-bps', '', 'Bytes a second to write to a device (path:rate)', { check: readBy(parseByteRate) }),
  listFlag('device-write-iops', '', 'Writes a second to a device (path:rate)', { check: readBy(parseOperationRate) }),
  listFlag('gpus', '', "GPUs to add ('all', a number, or device=...)", { value: 'gpu-request', check: readBy(parseGpus) }),
  stringFlag('isolation', '', 'Isolation technology'),
  stringFlag('kernel-memory', '', 'Accepted for compatibility; the kernel has no such limit any more', { value: 'bytes', check: readBy(parseSize) }),
  size('memory', 'm', 'Limit of memory'),
  size('memory-reservation', '', 'Soft limit of memory'),
  stringFlag('memory-swap', '', 'Limit of memory and swap together, -1 for no limit', { value: 'bytes', check: readBy(parseSwapSize) }),
  intFlag('memory-swappiness', '', 'How readily memory is swapped, 0 to 100', { fallback: '-1' }),
  boolFlag('oom-kill-disable', '', 'Do not kill the container when memory runs out'),
  intFlag('oom-score-adj', '', 'How readily the kernel kills it, -1000 to 1000'),
  intFlag('pids-limit', '', 'Limit of processes, -1 for none'),
  size('shm-size', '', 'Size of /dev/shm'),
  listFlag('ulimit', '', 'Limit of a resource (name=soft[:hard])', { value: 'ulimit', check: readBy(parseUlimit) }),
];

/** The flags that `run` and `create` share. */
export const containerFlags: readonly FlagSpec[] = [
  ...processFlags, ...identityFlags, ...securityFlags, ...networkFlags, ...storageFlags, ...healthFlags, ...resourceFlags,
];
