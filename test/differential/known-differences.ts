import type { Difference } from './compare.ts';

/** A difference by design. Each that is not rare must be found, or the test fails: the table says what is, not what once was. */
export interface KnownDifference {
  readonly command: RegExp;
  readonly place: RegExp;
  readonly theirs?: RegExp;
  readonly ours?: RegExp;
  /** What makes the two equal, done to both. */
  readonly without?: RegExp;
  /** It comes and goes with what runs at the same time. */
  readonly isRare?: true;
  readonly reason: string;
}

const HINTS = [
  'name a user of the image, or a number', 'make the directory, or use -v, which makes it', 'remove those containers first', 'publish another port, or stop the container that has it',
  'name a block device as lsblk shows it', 'specifications are read from /etc/cdi and /var/run/cdi', 'name a device of the host, or a directory of devices', 'name a signal as SIGTERM or TERM, or give its number', 'remove the container first', 'disconnect its containers first', 'name an address for one machine', 'name a gateway of another address', 'name keys as ctrl-p,ctrl-q', 'see which there are: docker network ls',
  'make it with docker network create --config-only', 'make a network from it: .*', 'remove the networks first that were made from it',
];

export const KNOWN_DIFFERENCES: readonly KnownDifference[] = [
  { command: /./, place: /^stderr$/, without: new RegExp(`: (${HINTS.join('|')})$`, 'gm'), reason: 'our messages also say what to do next' },
  { command: /^(image )?inspect/, place: /GraphDriver\.Data/, reason: 'where layers lie is no part of what we promise, so nobody is told' },
  { command: /^(image )?inspect/, place: /\.Size(RootFs)?$/, reason: 'we add up what lies on disk, the reference what the archive said' },
  { command: /^inspect/, place: /HostConfig\.Runtime$/, theirs: /"runc"/, ours: /"crun"/, reason: 'crun is our default: it starts faster and needs less memory' },
  { command: /^inspect/, place: /HostConfig\.CgroupnsMode$/, theirs: /"host"/, ours: /"private"/, reason: 'a control-group namespace of its own also where there is version 1' },
  { command: /^inspect/, place: /LogPath$/, reason: 'our log has its own name, and is told only once it is there' },
  { command: /^inspect/, place: /(ResolvConfPath|HostnamePath|HostsPath)$/, ours: /^""$/, reason: 'a container that never started has no such files' },
  { command: /^inspect/, place: /SandboxKey$/, reason: 'a sandbox is named by its process, not by a file' },
  { command: /inspect/, place: /(^|\.)(GlobalIPv6Address|GlobalIPv6PrefixLen|IPv6Gateway|IPv6Address|EnableIPv6|IPAM\.Config\.1\.(Subnet|Gateway))$/, theirs: /^(""|0|false|)$/, reason: 'our networks have IPv6' },
  { command: /grep -c inner \/etc\/hosts/, place: /^stdout$/, theirs: /^inner\ninner\n1$/m, ours: /^inner\ninner\n2$/m, reason: 'our bridge has IPv6, so a container has two lines about itself' },
  { command: /^network inspect/, place: /\.0\.Options|\.\d\.Containers/, reason: 'options of the default bridge are settings of the reference; containers of other scripts come and go' },
  { command: /--network none/, place: /^stdout$/, theirs: /^lo\n6\n/, ours: /^lo\n1\n/, reason: 'without a network there is no name server to tell of' },
  { command: /resolv\.conf$/, place: /^stdout$/, without: /(?<=^|\n)\n/g, reason: 'the file has no empty lines' },
  { command: /ls \/(copied|etc)$/, place: /^stdout$/, without: /^mtab\n/m, reason: '/etc/mtab is made for a container, and is nothing that a new volume over /etc gets from the image' },
  { command: /ls \/dev;/, place: /^stdout$/, without: /^core\n/, reason: 'crun makes /dev/core' },
  { command: /--group-add 2000/, place: /^stdout$/, theirs: /extra\),2000/, reason: 'a group that is there already is not added again' },
  { command: /^image inspect/, place: /DockerVersion$/, reason: 'an image was not made by Docker' },
  { command: /^info .*LiveRestoreEnabled/, place: /^stdout$/, theirs: / false$/m, ours: / true$/m, reason: 'containers always outlive the daemon' },
  { command: /--network container:nosuch/, place: /^stderr$/, theirs: /joining network namespace of container: No such container: nosuch/, ours: /daemon: No such container: nosuch/, reason: 'a container to join is looked up when the container is created, not when it starts' },
  { command: /--init IMAGE nosuch$/, place: /^stderr$/, theirs: /tini \(\d+\)/, ours: /tini \(\d+\)/, isRare: true, reason: 'the number of a process' },
  { command: /-p PORT1:90 -p PORT1:91 /, place: /^stderr$/, theirs: /Bind for :::PORT1 failed/, ours: /Bind for 0\.0\.0\.0:PORT1 failed/, isRare: true, reason: 'the reference names now the one address of a port, now the other (4 of 40 times the second)' },
  { command: /^image inspect/, place: /RepoTags\.\d$/, isRare: true, reason: 'scripts that run at the same time tag the one image' },
  { command: /^events .*type=image/, place: /^stdout$/, ours: /untag NAME:one/, reason: 'the end of a tag tells its name, where the reference tells only an id' },
  { command: /^save /, place: /^stderr$/, theirs: /reference does not exist|No such image/, ours: /No such image: NAME/, reason: 'the image that is missing is named in full' },
  { command: /^(load|import -)/, place: /^stderr$/, ours: /checksum of the header|archive is truncated/, reason: 'we say where and how an archive is damaged' },
  { command: /^cp - /, place: /^stderr$/, theirs: /unexpected EOF/, ours: /archive is truncated/, reason: 'we say where and how an archive is damaged' },
  { command: /^import -c FOO/, place: /^stderr$/, isRare: true, reason: 'a refusal before the body is read can end in a broken pipe for the client' },
  { command: /--sysctl net\.nosuch/, place: /^code$/, theirs: /^127$/, ours: /^125$/, reason: 'what the runtime refuses is the engine\'s failure, not that of a program which is not there' },
  { command: /--sysctl net\.nosuch/, place: /^stderr$/, theirs: /runtime create failed/, ours: /open \/proc\/sys\/net\/nosuch: No such file or directory/, reason: 'crun has its own words' },
  { command: /--hostname a{70}/, place: /^stderr$/, theirs: /runtime create failed/, ours: /invalid hostname: "a{70}": use letters, digits/, reason: 'a name that is too long is refused before anything is made' },
];

export function isKnown(known: KnownDifference, { command, place, theirs, ours }: Difference): boolean {
  if (!known.command.test(command) || !known.place.test(place)) return false;
  if (known.without !== undefined) return (theirs ?? '').replace(known.without, '') === (ours ?? '').replace(known.without, '');
  return (known.theirs?.test(theirs ?? '') ?? true) && (known.ours?.test(ours ?? '') ?? true);
}
