/** Where things are for a program that runs among the peers. */
export const inside = { checkout: '/mnt/gantry', state: '/mnt/state' } as const;

export interface Place {
  /** The side root. */
  readonly peers: string;
  readonly checkout: string;
  readonly state: string;
}

// A mount and a network namespace of its own, with a /run in memory as machines have it: the peers' bridges and rules touch nothing of the machine, and all of
// it is gone with the last process. Of a hybrid cgroup layout the v2 mount is left out: crun refuses to run with it.
const SCRIPT = `
peers=$1 checkout=$2 state=$3
shift 3
ip link set lo up
mount --bind "$peers" "$peers"
cd "$peers"
mount -t proc proc proc
mount --rbind /sys sys
mount --rbind /dev dev
mount -t tmpfs -o mode=755 tmpfs run
mkdir run/lock
for scratch in mnt tmp var/tmp; do mount -t tmpfs tmpfs "$scratch"; done
mkdir mnt/gantry mnt/state
mount --rbind "$checkout" mnt/gantry
mount --bind "$state" mnt/state
if [ -d sys/fs/cgroup/memory ] && [ -d sys/fs/cgroup/unified ]; then umount sys/fs/cgroup/unified || true; fi
pivot_root . .
umount -l .
cd /
exec "$@"
`;

/** A command line that runs another among the peers; its process id is that of the program in the end. */
export function among({ peers, checkout, state }: Place, command: readonly string[]): [string, ...string[]] {
  return ['unshare', '--mount', '--net', '--propagation', 'private', 'sh', '-euc', SCRIPT, 'among', peers, checkout, state, ...command];
}
