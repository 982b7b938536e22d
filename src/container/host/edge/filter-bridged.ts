import { existsSync } from 'node:fs';
import { PROGRAM_ENV } from './host-context.ts';
import { setBridgeFiltering } from './linux/netlink/links.ts';
import { openRouteSocket } from './linux/netlink/socket.ts';
import { posixSpawn } from './linux/spawn.ts';
import { readSysctl, writeSysctl } from './linux/sysctl.ts';
import { waitForExit } from './linux/wait.ts';

const MODPROBE = ['/usr/sbin/modprobe', '/sbin/modprobe', '/usr/bin/modprobe'];
const FOR_ALL_BRIDGES = ['iptables', 'ip6tables', 'arptables'].map((name) => `net/bridge/bridge-nf-call-${name}`);

/** Has what one port of a bridge sends another pass the chains of IP, as if it were routed. False where the kernel can't. */
export async function filterBridged(bridge: string): Promise<boolean> {
  if (!await isLoaded()) return false;
  askForFrames(bridge);
  return true;
}

/** The bridge asks for it by itself (linux/if_link.h, IFLA_BR_NF_CALL_IPTABLES): other bridges of the host go on as they do. */
export function askForFrames(bridge: string): void {
  using socket = openRouteSocket();
  socket.apply([setBridgeFiltering(bridge)]);
}

/** The module, once it is loaded, is for all bridges unless it is told otherwise; whoever loaded it wanted just that. */
async function isLoaded(): Promise<boolean> {
  const [first = ''] = FOR_ALL_BRIDGES;
  if (readSysctl(first) !== undefined) return true;
  const path = MODPROBE.find((each) => existsSync(each));
  if (path === undefined) return false;
  await waitForExit(posixSpawn({ path, argv: ['modprobe', '-q', 'br_netfilter'], env: PROGRAM_ENV }));
  if (readSysctl(first) === undefined) return false;
  for (const key of FOR_ALL_BRIDGES) if (readSysctl(key) !== undefined) writeSysctl(key, 0);
  return true;
}
