import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { startDaemon } from '../../bench/peers/daemon.ts';
import { inRoot } from '../../bench/peers/namespace.ts';
import { setUpPeers } from '../../bench/peers/setup.ts';

export interface ReferenceEngine {
  readonly socket: string;
  readonly stop: () => Promise<void>;
}

/**
 * A dockerd to compare with, or the reason why there is none. It works on the network of the machine, since the comparisons publish
 * ports; its bridge and the firewall tables that it made are taken away at the end.
 */
export async function startReferenceEngine(peers: string): Promise<ReferenceEngine | string> {
  if (process.getuid?.() !== 0) return 'a dockerd needs root';
  setUpPeers(peers);
  const before = networkObjects();
  const state = mkdtempSync('/var/tmp/gantry-reference-');
  for (const folder of ['run', 'data']) mkdirSync(join(state, folder));
  const socket = join(state, 'run/docker.sock');
  const clear = (): void => {
    removeSince(before);
    rmSync(state, { recursive: true, force: true });
  };
  try {
    // Its data lies where Docker's does, since paths are compared.
    const view = inRoot(peers, [[join(state, 'run'), '/run'], [join(state, 'data'), '/var/lib/docker']], 'machine', ['dockerd', '--bip', '172.31.254.1/24']);
    const daemon = await startDaemon(view, socket, join(state, 'log'));
    return { socket, stop: () => daemon.stop().then(clear) };
  } catch (error) {
    clear();
    return (error as Error).message;
  }
}

/** Bridges as dockerd names them, and the tables that iptables makes. */
function networkObjects(): string[] {
  const links = readdirSync('/sys/class/net').filter((name) => name === 'docker0' || /^br-[0-9a-f]{12}$/.test(name)).map((name) => `link ${name}`);
  const { stdout } = spawnSync('nft', ['list', 'tables'], { encoding: 'utf8' });
  return [...links, ...(stdout ?? '').split('\n').filter((line) => /^table ip6? (filter|nat|raw|mangle)$/.test(line))];
}

function removeSince(before: readonly string[]): void {
  for (const object of networkObjects().filter((candidate) => !before.includes(candidate))) {
    const [kind = '', ...words] = object.split(' ');
    if (kind === 'link') spawnSync('ip', ['link', 'delete', ...words], { stdio: 'ignore' });
    else spawnSync('nft', ['delete', 'table', ...words], { stdio: 'ignore' });
  }
}
