/** Where things are for a program that runs among the peers. */
export const inside = { checkout: '/mnt/gantry', state: '/mnt/state' } as const;

export interface Place {
  /** The side root. */
  readonly peers: string;
  readonly checkout: string;
  readonly state: string;
}

// A mount namespace of its own, with a /run in memory as machines have it: all of it is gone with the last process. Of a hybrid cgroup layout the v2 mount is
// left out: crun refuses to run with it, and runc would look for controllers there.
const SCRIPT = `
cd "$1"
mount --bind . .
cd "$1"
shift
ip link set lo up
mount -t proc proc proc
mount --rbind /sys sys
mount --rbind /dev dev
mount -t tmpfs -o mode=755 tmpfs run
mkdir run/lock
for scratch in mnt tmp var/tmp; do mount -t tmpfs tmpfs "$scratch"; done
while [ "$1" != -- ]; do
  mkdir -p ".$2"
  mount --rbind "$1" ".$2"
  shift 2
done
shift
if [ -d sys/fs/cgroup/memory ] && [ -d sys/fs/cgroup/unified ]; then umount sys/fs/cgroup/unified || true; fi
pivot_root . .
umount -l .
cd /
exec "$@"
`;

/**
 * A command line that runs another in the side root; its process id is that of the program in the end.
 *
 * @param shown directories of the machine, and the absolute paths at which the program sees them
 * @param network `own`: an empty one, so that bridges and rules of the peers touch nothing of the machine
 */
export function inRoot(peers: string, shown: readonly (readonly [directory: string, seenAt: string])[], network: 'own' | 'machine', command: readonly string[]): [string, ...string[]] {
  return ['unshare', '--mount', ...network === 'own' ? ['--net'] : [], '--propagation', 'private', 'sh', '-euc', SCRIPT, 'among', peers, ...shown.flat(), '--', ...command];
}

/** A command line that runs another among the peers, on a network of their own, with the checkout and a directory for what it keeps. */
export function among({ peers, checkout, state }: Place, command: readonly string[]): [string, ...string[]] {
  return inRoot(peers, [[checkout, inside.checkout], [state, inside.state]], 'own', command);
}
