/** What becomes of an option of dockerd. */
type Effect =
  | { readonly effect: 'used' }
  /** Taken, told in the log, and without effect for the reason given. */
  | { readonly effect: 'moot'; readonly why: string }
  /** Refused, except with a value that asks for nothing. */
  | { readonly effect: 'refused'; readonly why: string; readonly harmless?: readonly string[] };

export type OptionKind = 'bool' | 'string' | 'int' | 'list' | 'map';

/** One option of dockerd 28: as a flag, and as a directive of daemon.json. */
export type Option = Effect & {
  readonly flag: string;
  readonly short?: string;
  /** Absent: spelt as the flag. Null: no directive. */
  readonly directive?: string | null;
  readonly kind: OptionKind;
  readonly help: string;
  readonly fallback?: string;
  /** A directive only. */
  readonly isFileOnly?: true;
};

const used = { effect: 'used' } as const;
const moot = (why: string) => ({ effect: 'moot', why }) as const;
const refused = (why: string, ...harmless: readonly string[]) => ({ effect: 'refused', why, harmless }) as const;

const NO_CONTAINERD = moot('there is no containerd');
const NO_PROXY = moot('ports are published by the firewall, without a proxy process');
const FIREWALL = refused('containers are reached, and kept apart, by rules of the engine\'s own nftables table', 'true');
const NO_SWARM = moot('there is no swarm');
const NOT_YET_NET = refused('the default bridge has this from the engine');

export const OPTIONS: readonly Option[] = [
  // Where and how it listens, and what it is called.
  { flag: 'host', short: 'H', directive: 'hosts', kind: 'list', help: 'Daemon socket(s) to connect to', ...used },
  { flag: 'group', short: 'G', kind: 'string', help: 'Group for the unix socket', fallback: 'docker', ...used },
  { flag: 'tls', kind: 'bool', help: 'Use TLS; implied by --tlsverify', fallback: 'false', ...used },
  { flag: 'tlsverify', kind: 'bool', help: 'Use TLS and verify the remote', fallback: 'false', ...used },
  { flag: 'tlscacert', kind: 'string', help: 'Trust certs signed only by this CA', fallback: '/etc/docker/ca.pem', ...used },
  { flag: 'tlscert', kind: 'string', help: 'Path to TLS certificate file', fallback: '/etc/docker/cert.pem', ...used },
  { flag: 'tlskey', kind: 'string', help: 'Path to TLS key file', fallback: '/etc/docker/key.pem', ...used },
  { flag: 'config-file', directive: null, kind: 'string', help: 'Daemon configuration file', fallback: '/etc/docker/daemon.json', ...used },
  { flag: 'validate', directive: null, kind: 'bool', help: 'Validate daemon configuration and exit', fallback: 'false', ...used },
  { flag: 'version', short: 'v', directive: null, kind: 'bool', help: 'Print version information and quit', fallback: 'false', ...used },
  { flag: 'data-root', kind: 'string', help: 'Root directory of persistent state', fallback: '/var/lib/gantry', ...used },
  { flag: 'exec-root', kind: 'string', help: 'Root directory for execution state files', fallback: '/run/gantry', ...used },
  { flag: 'pidfile', short: 'p', kind: 'string', help: 'Path to use for daemon PID file', fallback: '/var/run/docker.pid', ...used },
  { flag: 'debug', short: 'D', kind: 'bool', help: 'Enable debug mode', fallback: 'false', ...used },
  { flag: 'log-level', short: 'l', kind: 'string', help: 'Set the logging level', fallback: 'info', ...used },
  { flag: 'log-format', kind: 'string', help: 'Set the logging format', fallback: 'text', ...refused('the log is lines of text', 'text') },
  { flag: 'raw-logs', kind: 'bool', help: 'Full timestamps without ANSI coloring', fallback: 'false', ...moot('the log is never coloured') },
  { flag: 'label', directive: 'labels', kind: 'list', help: 'Set key=value labels to the daemon', ...used },
  // What containers get that ask for nothing.
  { flag: 'log-driver', kind: 'string', help: 'Default driver for container logs', fallback: 'json-file', ...used },
  { flag: 'log-opt', directive: 'log-opts', kind: 'map', help: 'Default log driver options for containers', ...used },
  { flag: 'default-ulimit', directive: 'default-ulimits', kind: 'map', help: 'Default ulimits for containers', ...used },
  { flag: 'default-shm-size', kind: 'string', help: 'Default shm size for containers', fallback: '64MiB', ...used },
  { flag: 'default-runtime', kind: 'string', help: 'Default OCI runtime for containers', fallback: 'crun', ...used },
  { flag: 'default-cgroupns-mode', kind: 'string', help: 'Default mode for containers cgroup namespace ("host" | "private")', fallback: 'private', ...used },
  { flag: 'default-ipc-mode', kind: 'string', help: 'Default mode for containers ipc ("shareable" | "private")', fallback: 'private', ...used },
  { flag: 'init', kind: 'bool', help: 'Run an init in the container to forward signals and reap processes', fallback: 'false', ...used },
  { flag: 'init-path', kind: 'string', help: 'Path to the docker-init binary', ...moot('tini-static, docker-init or catatonit of this host is taken') },
  { flag: 'cgroup-parent', kind: 'string', help: 'Set parent cgroup for all containers', ...used },
  { flag: 'no-new-privileges', kind: 'bool', help: 'Set no-new-privileges by default for new containers', fallback: 'false', ...used },
  { flag: 'seccomp-profile', kind: 'string', help: 'Path to seccomp profile; "unconfined" to disable it', fallback: 'builtin', ...used },
  { flag: 'dns', kind: 'list', help: 'DNS server to use', ...used },
  { flag: 'dns-opt', directive: 'dns-opts', kind: 'list', help: 'DNS options to use', ...used },
  { flag: 'dns-search', kind: 'list', help: 'DNS search domains to use', ...used },
  { flag: 'host-gateway-ip', directive: 'host-gateway-ips', kind: 'list', help: 'IP addresses that host-gateway in --add-host resolves to', ...used },
  { flag: 'add-runtime', directive: 'runtimes', kind: 'map', help: 'Register an additional OCI compatible runtime', ...refused('crun and runc of this host are known, and no other') },
  { flag: 'exec-opt', directive: 'exec-opts', kind: 'list', help: 'Runtime execution options', ...moot('control groups are written directly, without systemd') },
  { flag: 'cpu-rt-period', kind: 'int', help: 'Limit the CPU real-time period', fallback: '0', ...refused('there is no real-time scheduling of containers', '0') },
  { flag: 'cpu-rt-runtime', kind: 'int', help: 'Limit the CPU real-time runtime', fallback: '0', ...refused('there is no real-time scheduling of containers', '0') },
  { flag: 'selinux-enabled', kind: 'bool', help: 'Enable selinux support', fallback: 'false', ...refused('there is no SELinux support', 'false') },
  { flag: 'userns-remap', kind: 'string', help: 'User/Group setting for user namespaces', ...refused('one user namespace for all containers is not supported', '') },
  { flag: 'rootless', kind: 'bool', help: 'Enable rootless mode', fallback: 'false', ...refused('the engine needs root', 'false') },
  { flag: 'cdi-spec-dir', directive: 'cdi-spec-dirs', kind: 'list', help: 'CDI specification directories to use', ...refused('specifications are read from /etc/cdi and /var/run/cdi', '/etc/cdi', '/var/run/cdi') },
  // Networks.
  { flag: 'bip', kind: 'string', help: 'IPv4 address for the default bridge', ...used },
  { flag: 'fixed-cidr', kind: 'string', help: 'IPv4 subnet for the default bridge network', ...used },
  { flag: 'mtu', kind: 'int', help: 'Set the MTU of the default bridge network', fallback: '1500', ...used },
  { flag: 'bip6', kind: 'string', help: 'IPv6 address for the default bridge', ...NOT_YET_NET },
  { flag: 'bridge', short: 'b', kind: 'string', help: 'Attach containers to a network bridge', ...refused('the engine makes its own bridge', '') },
  { flag: 'default-address-pool', directive: 'default-address-pools', kind: 'list', help: 'Default address pools for node specific local networks', ...used },
  { flag: 'default-gateway', kind: 'string', help: 'Default gateway IPv4 address for the default bridge network', ...NOT_YET_NET },
  { flag: 'default-gateway-v6', kind: 'string', help: 'Default gateway IPv6 address for the default bridge network', ...NOT_YET_NET },
  { flag: 'default-network-opt', directive: 'default-network-opts', kind: 'map', help: 'Default network options', ...refused('networks have the options they are made with') },
  { flag: 'fixed-cidr-v6', kind: 'string', help: 'IPv6 subnet for the default bridge network', ...NOT_YET_NET },
  { flag: 'ip', kind: 'string', help: 'Host IP for port publishing from the default bridge network', fallback: '0.0.0.0', ...used },
  { flag: 'icc', kind: 'bool', help: 'Enable inter-container communication for the default bridge network', fallback: 'true', ...used },
  { flag: 'ipv6', kind: 'bool', help: 'Enable IPv6 networking', fallback: 'false', ...moot('the default bridge has IPv6 wherever the host has it') },
  { flag: 'ip-forward', kind: 'bool', help: 'Enable IP forwarding in system configuration', fallback: 'true', ...FIREWALL },
  { flag: 'ip-forward-no-drop', kind: 'bool', help: 'Do not set the filter-FORWARD policy to DROP when enabling IP forwarding', fallback: 'false', ...moot('the engine never changes the policy of another chain') },
  { flag: 'ip-masq', kind: 'bool', help: 'Enable IP masquerading for the default bridge network', fallback: 'true', ...used },
  { flag: 'iptables', kind: 'bool', help: 'Enable addition of iptables rules', fallback: 'true', ...FIREWALL },
  { flag: 'ip6tables', kind: 'bool', help: 'Enable addition of ip6tables rules', fallback: 'true', ...FIREWALL },
  { flag: 'allow-direct-routing', kind: 'bool', help: 'Allow remote access to published ports on container IP addresses', fallback: 'false', ...refused('what is not published is not reached from outside', 'false') },
  { flag: 'network-control-plane-mtu', kind: 'int', help: 'Network Control plane MTU', fallback: '1500', ...NO_SWARM },
  { flag: 'userland-proxy', kind: 'bool', help: 'Use userland proxy for loopback traffic', fallback: 'true', ...NO_PROXY },
  { flag: 'userland-proxy-path', kind: 'string', help: 'Path to the userland proxy binary', ...NO_PROXY },
  // Images.
  { flag: 'storage-driver', short: 's', kind: 'string', help: 'Storage driver to use', ...moot('layers are overlay file systems, whatever is asked for') },
  { flag: 'storage-opt', directive: 'storage-opts', kind: 'list', help: 'Storage driver options', ...refused('the store of layers has no options') },
  { flag: 'insecure-registry', directive: 'insecure-registries', kind: 'list', help: 'Enable insecure registry communication', ...used },
  { flag: 'registry-mirror', directive: 'registry-mirrors', kind: 'list', help: 'Preferred registry mirror', ...used },
  { flag: 'max-concurrent-downloads', kind: 'int', help: 'Set the max concurrent downloads', fallback: '3', ...moot('downloads are bounded by the engine') },
  { flag: 'max-concurrent-uploads', kind: 'int', help: 'Set the max concurrent uploads', fallback: '5', ...moot('uploads are bounded by the engine') },
  { flag: 'max-download-attempts', kind: 'int', help: 'Set the max download attempts for each pull', fallback: '5', ...moot('downloads are tried again by the engine') },
  { flag: 'http-proxy', kind: 'string', help: 'HTTP proxy URL to use for outgoing traffic', ...moot('set HTTP_PROXY') },
  { flag: 'https-proxy', kind: 'string', help: 'HTTPS proxy URL to use for outgoing traffic', ...moot('set HTTPS_PROXY') },
  { flag: 'no-proxy', kind: 'string', help: 'Comma-separated list of hosts or IP addresses for which the proxy is skipped', ...moot('set NO_PROXY') },
  // The rest.
  { flag: 'live-restore', kind: 'bool', help: 'Enable live restore of docker when containers are still running', fallback: 'false', ...moot('containers always outlive the daemon') },
  { flag: 'shutdown-timeout', kind: 'int', help: 'Set the default shutdown timeout', fallback: '15', ...moot('containers go on when the daemon ends') },
  { flag: 'authorization-plugin', directive: 'authorization-plugins', kind: 'list', help: 'Authorization plugins to load', ...refused('a plugin that decides who may do what can\'t be left out in silence') },
  { flag: 'experimental', kind: 'bool', help: 'Enable experimental features', fallback: 'false', ...moot('there are no experimental features') },
  { flag: 'feature', directive: 'features', kind: 'map', help: 'Enable feature in the daemon', ...moot('features are not chosen') },
  { flag: 'metrics-addr', kind: 'string', help: 'Set default address and port to serve the metrics api on', ...refused('there is no metrics API', '') },
  { flag: 'node-generic-resource', directive: 'node-generic-resources', kind: 'list', help: 'Advertise user-defined resource', ...NO_SWARM },
  { flag: 'swarm-default-advertise-addr', kind: 'string', help: 'Set default address or interface for swarm advertised address', ...NO_SWARM },
  { flag: 'containerd', kind: 'string', help: 'containerd grpc address', ...NO_CONTAINERD },
  { flag: 'containerd-namespace', kind: 'string', help: 'Containerd namespace to use', fallback: 'moby', ...NO_CONTAINERD },
  { flag: 'containerd-plugins-namespace', directive: 'containerd-plugin-namespace', kind: 'string', help: 'Containerd namespace to use for plugins', fallback: 'plugins.moby', ...NO_CONTAINERD },
  { flag: 'cri-containerd', kind: 'bool', help: 'start containerd with cri', fallback: 'false', ...NO_CONTAINERD },
  { flag: 'builder', kind: 'map', help: '', isFileOnly: true, ...moot('the builder is not configured here') },
  { flag: 'network-diagnostic-port', kind: 'int', help: '', isFileOnly: true, ...NO_SWARM },
  { flag: 'host-gateway-ip-of-old', directive: 'host-gateway-ip', kind: 'string', help: '', isFileOnly: true, ...used },
];

export function directiveOf({ flag, directive }: Option): string | undefined {
  return directive === null ? undefined : (directive ?? flag);
}
