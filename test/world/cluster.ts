import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { debianSources } from '../../tools/test-run/debian-sources.ts';
import { busyboxTar, whyNoImage } from './busybox.ts';
import { TestDaemon, type Ran } from './daemon.ts';
import { UNPRESSED } from './unpressed.ts';

const ROOT = new URL('../..', import.meta.url).pathname;
const LAUNCHER = `${ROOT}gantry`;
const SCENARIO_MS = 60_000;

/** One daemon that is a cluster, with an image called busybox, and named scenarios that drive it with the real kubectl. */
export interface ClusterScenarios {
  readonly daemon: TestDaemon;
  /** @param lacking why it can't be run here */
  scenario(name: string, run: () => void | Promise<void>, lacking?: string | false): void;
  kubectl(...args: readonly string[]): Ran;
  kubectlWith(input: string, ...args: readonly string[]): Ran;
  /** @param environment further variables */
  kubectlIn(environment: Readonly<Record<string, string>>, input: string, ...args: readonly string[]): Ran;
  /** What the command prints, trimmed; it must succeed. */
  ok(...args: readonly string[]): string;
  /** `kubectl apply -f -` of these objects. */
  apply(...objects: readonly object[]): void;
  gantry(...args: readonly string[]): Ran;
  /** Until the answer is a truth; fails with what it last was. */
  until<T>(look: () => T, is: (seen: T) => boolean, withinMs?: number): Promise<T>;
  /** A command that goes on; what it printed so far. @param environment further variables */
  running(args: readonly string[], environment?: Readonly<Record<string, string>>): { readonly out: () => string; readonly err: () => string; readonly end: () => void };
}

/**
 * @param further kinds that scenarios leave behind, beside the usual ones: `jobs,statefulsets`
 * @param more further arguments of `cluster up`
 * @param tidies whether what a scenario leaves in the default namespace goes after it
 */
export function kubectlScenarios(list: string, further?: string, tidies = true, more: (directory: string) => readonly string[] = () => []): ClusterScenarios {
  const client = debianSources(ROOT, 'kubectl');
  const skip = whyNoImage() ?? (client.missing === false ? false : client.missing);
  const names: string[] = [];
  let daemon: TestDaemon | undefined;
  const here = (): TestDaemon => {
    assert.ok(daemon !== undefined, 'the daemon runs while scenarios do');
    return daemon;
  };
  const run = (program: string, args: readonly string[], input = '', environment: Readonly<Record<string, string>> = {}): Ran => {
    const { status, stdout, stderr } = spawnSync(program, args, { encoding: 'utf8', input, timeout: SCENARIO_MS, env: { PATH: process.env['PATH'], HOME: here().directory, KUBECONFIG: `${here().directory}/kubeconfig`, ...environment } });
    return { code: status ?? -1, out: stdout, err: stderr };
  };
  const program = client.missing === false ? `${client.path}/usr/bin/kubectl` : '';
  const gantry = (...args: readonly string[]): Ran => run(LAUNCHER, ['--host', `unix://${here().socket}`, ...args]);
  const kubectl = (...args: readonly string[]): Ran => run(program, args);
  const ok = (...args: readonly string[]): string => {
    const ran = kubectl(...args);
    assert.equal(ran.code, 0, `kubectl ${args.join(' ')}: ${ran.err}\n${here().log.split('\n').slice(-5).join('\n')}`);
    return ran.out.trim();
  };

  before(async () => {
    if (skip !== false) return;
    daemon = await TestDaemon.start();
    daemon.ok('import', '-c', 'CMD ["sh"]', busyboxTar(), 'busybox');
    const up = gantry('cluster', 'up', '--port', '0', '--kubeconfig', `${daemon.directory}/kubeconfig`, ...UNPRESSED, ...more(daemon.directory));
    assert.equal(up.code, 0, up.err);
  });

  after(async () => {
    if (daemon === undefined) return;
    gantry('cluster', 'down');
    await daemon.destroy();
  });

  test('every scenario of the ratchet is a test', () => {
    const listed = readFileSync(new URL(`../ratchet/${list}.txt`, import.meta.url), 'utf8').split('\n').filter((line) => line !== '' && !line.startsWith('#'));
    assert.deepEqual(listed.filter((name) => !names.includes(name)), []);
    assert.deepEqual(names.filter((name) => !listed.includes(name)), [], 'a scenario that passes belongs in the list');
  });

  return {
    get daemon() { return here(); },
    kubectl, ok, gantry,
    kubectlWith: (input, ...args) => run(program, args, input),
    kubectlIn: (environment, input, ...args) => run(program, args, input, environment),
    apply(...objects) {
      const ran = run(program, ['apply', '-f', '-'], objects.map((object) => JSON.stringify(object)).join('\n---\n'));
      assert.equal(ran.code, 0, ran.err);
    },
    async until(look, is, withinMs = 20_000) {
      const deadline = performance.now() + withinMs;
      for (;;) {
        const seen = look();
        if (is(seen)) return seen;
        assert.ok(performance.now() < deadline, `not in time: ${JSON.stringify(seen)}`);
        await new Promise((resolve) => setTimeout(resolve, 100));
      }
    },
    running(args, environment = {}) {
      let [text, faults] = ['', ''];
      const child = spawn(program, args, { env: { PATH: process.env['PATH'], HOME: here().directory, KUBECONFIG: `${here().directory}/kubeconfig`, ...environment }, stdio: ['ignore', 'pipe', 'pipe'] });
      child.stdout.setEncoding('utf8').on('data', (piece: string) => (text += piece));
      child.stderr.setEncoding('utf8').on('data', (piece: string) => (faults += piece));
      return { out: () => text, err: () => faults, end: () => void child.kill('SIGKILL') };
    },
    scenario(name, body, lacking = false) {
      names.push(name);
      test(name, { skip: skip === false ? lacking : skip, timeout: SCENARIO_MS }, async () => {
        try {
          await body();
        } finally {
          if (tidies) kubectl('delete', ['deployments,replicasets,pods,configmaps,secrets,services', further].filter((kinds) => kinds !== undefined).join(), '--all', '--grace-period=1', '--timeout=20s');
        }
      });
    },
  };
}
