import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { Agent, request } from 'node:http';
import { test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { debianSources } from '../../tools/test-run/debian-sources.ts';
import type { TestDaemon } from '../world/daemon.ts';
import { UNPRESSED } from '../world/unpressed.ts';
import { eventually } from '../world/waiting.ts';

const ROOT = new URL('../..', import.meta.url).pathname;
const MANIFESTS = `${ROOT}examples/shop/kubernetes`;
const MINUTE = 60_000;
const CLIENTS = 4;
/** How often all of it is done; more by `GANTRY_SHOP_ROUNDS`. */
const ROUNDS = Number(process.env['GANTRY_SHOP_ROUNDS'] ?? 1);
const ITEMS = ['tea', 'coffee', 'cake'];
const PATIENCE_MS = 60_000;

interface Order {
  readonly id: string;
  readonly item: string;
  readonly quantity: number;
}

/** Clients that order one thing after another, each over a connection of its own. */
class Load {
  readonly placed: Order[];
  /** What came instead of an answer that took the order, while all should go well. */
  readonly failed: string[] = [];
  readonly versions = new Map<string, number>();
  /** Whether an order that was not taken is only placed again. */
  isRough = false;
  /** What was answered last. */
  last = '';
  readonly #clients: readonly Promise<void>[];
  #isOver = false;
  #number = 0;

  /** @param placed by earlier ones, which it adds to */
  constructor(port: number, placed: Order[]) {
    this.placed = placed;
    this.#clients = Array.from({ length: CLIENTS }, () => this.#order(port));
  }

  async end(): Promise<void> {
    this.#isOver = true;
    await Promise.all(this.#clients);
  }

  async #order(port: number): Promise<void> {
    while (!this.#isOver) {
      this.#number += 1;
      const order = { id: randomUUID(), item: ITEMS[this.#number % ITEMS.length] as string, quantity: 1 + (this.#number % 4) };
      // The order keeps its id, so that it is placed once however often it is sent.
      const deadline = performance.now() + PATIENCE_MS;
      for (;;) {
        const wasRough = this.isRough;
        const { outcome, version } = await post(port, order);
        this.last = `${new Date().toISOString()} ${outcome}`;
        if (outcome === '201') {
          this.versions.set(version, (this.versions.get(version) ?? 0) + 1);
          break;
        }
        if (!wasRough && !this.isRough) this.failed.push(`${new Date().toISOString()} ${outcome}`);
        if (performance.now() > deadline) {
          this.failed.push(`${order.id} was never taken: ${outcome}`);
          return;
        }
        await pause(50);
      }
      this.placed.push(order);
    }
  }
}

function post(port: number, order: Order): Promise<{ readonly outcome: string; readonly version: string }> {
  return new Promise((resolve) => {
    const sent = request({ host: '127.0.0.1', port, path: '/orders', method: 'POST', agent: new Agent({ keepAlive: false }), timeout: 15_000 }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (piece: string) => (text += piece)).on('error', (error) => resolve({ outcome: error.message, version: '' }));
      response.on('end', () => resolve({ outcome: response.statusCode === 201 ? '201' : `${response.statusCode} ${text.trim()}`, version: String(response.headers['x-shop-version']) }));
    });
    sent.on('timeout', () => sent.destroy(new Error('no answer'))).on('error', (error: NodeJS.ErrnoException) => resolve({ outcome: error.code ?? error.message, version: '' }));
    sent.end(JSON.stringify(order));
  });
}

/**
 * The shop of examples/ by its manifests, on the daemon that has built its images: scaled, rolled out and back, its pods
 * deleted, while people order and no order fails; then killed, the daemon too, and each order has to come out exactly once.
 */
export function shopOnACluster(daemonOf: () => TestDaemon): void {
  const client = debianSources(ROOT, 'kubectl');
  const skip = client.missing;
  const kubeconfig = (): string => `${daemonOf().directory}/shop.kubeconfig`;

  /** Others go on meanwhile: who orders does it in this process. */
  function run(program: string, args: readonly string[], limitMs = 2 * MINUTE): Promise<string> {
    return new Promise((resolve, reject) => {
      const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'], timeout: limitMs, killSignal: 'SIGKILL', env: { PATH: process.env['PATH'], HOME: daemonOf().directory, KUBECONFIG: kubeconfig(), GANTRY_HOST: `unix://${daemonOf().socket}` } });
      let [out, err] = ['', ''];
      child.stdout.setEncoding('utf8').on('data', (piece: string) => (out += piece));
      child.stderr.setEncoding('utf8').on('data', (piece: string) => (err += piece));
      child.once('close', (code, signal) => code === 0 ? resolve(out.trim()) : reject(new Error(`${args.join(' ')}: ${signal ?? code}\n${err.slice(-2000)}${out.slice(-500)}`)));
      child.once('error', reject);
    });
  }
  const gantry = (...args: readonly string[]): Promise<string> => run(`${ROOT}gantry`, args);
  const kubectl = (...args: readonly string[]): Promise<string> => run(client.missing === false ? `${client.path}/usr/bin/kubectl` : '', ['-n', 'shop', ...args]);
  const rolledOut = (...names: readonly string[]): Promise<unknown> => Promise.all(names.map((name) => kubectl('rollout', 'status', name, '--timeout=100s')));
  const sql = (query: string): Promise<string> => kubectl('exec', 'db-0', '--', 'psql', '-h', '/tmp', '-U', 'shop', '-d', 'postgres', '-At', '-c', query);
  const podsOf = async (app: string): Promise<string[]> => (await kubectl('get', 'pods', '-l', `app=${app}`, '-o', 'jsonpath={.items[*].metadata.name}')).split(' ').filter(Boolean);

  test('the shop is applied to a cluster of the same machine, with the images that are there', { skip }, async () => {
    await gantry('cluster', 'up', '--port', '0', '--kubeconfig', kubeconfig(), ...UNPRESSED);
    await kubectl('apply', '-k', MANIFESTS);
    await rolledOut('statefulset/db', 'statefulset/queue', 'deployment/pricing', 'deployment/orders', 'deployment/worker', 'deployment/front');
    assert.deepEqual((await kubectl('get', 'pvc', '-o', 'jsonpath={.items[*].status.phase}')).split(' '), ['Bound', 'Bound']);
  });

  const placed: Order[] = [];

  /** Some more orders, or what can be said of why there are none. */
  async function more(load: Load, count: number, when: string): Promise<void> {
    const before = load.placed.length;
    await eventually(`${count} more orders ${when}`, () => load.placed.length - before, (found) => found >= count, PATIENCE_MS).catch(async (thrown: unknown) => {
      throw new Error(`${String(thrown)}\n${load.last}\n${load.failed.slice(0, 3).join('\n')}\n${await kubectl('get', 'pods,endpointslices', '-o', 'wide')}\n${daemonOf().log.split('\n').slice(-20).join('\n')}`);
    });
  }

  /** People order meanwhile; each order of theirs has to come out, and once. */
  async function underLoad(work: (load: Load) => Promise<void>): Promise<void> {
    const load = new Load(Number(await kubectl('get', 'service', 'front', '-o', 'jsonpath={.spec.ports[0].nodePort}')), placed);
    try {
      for (let round = 1; round <= ROUNDS; round += 1) await work(load);
    } finally {
      await load.end();
    }
    assert.deepEqual(load.failed, [], `of ${placed.length} orders`);
    const ids = placed.map(({ id }) => id).sort();
    await eventually('all are delivered', () => sql('SELECT count(*) FROM deliveries').then(Number, () => -1), (count) => count >= ids.length, PATIENCE_MS);
    const lines = async (query: string): Promise<string[]> => (await sql(query)).split('\n').filter(Boolean).sort();
    assert.deepEqual(await lines('SELECT id FROM deliveries'), ids);
    assert.deepEqual(await lines('SELECT id FROM orders'), ids);
    const wanted = ITEMS.map((item) => `${item}|${placed.filter((order) => order.item === item).reduce((sum, { quantity }) => sum + quantity, 0)}`).sort();
    assert.deepEqual(await lines('SELECT item, quantity FROM sold'), wanted);
    await eventually('nothing is left to be sent', () => sql('SELECT count(*) FROM outbox'), (count) => count === '0', PATIENCE_MS);
  }

  test('people order while it is scaled, rolled out and back and its pods go: no order fails', { skip, timeout: 4 * MINUTE * ROUNDS }, () => underLoad(async (load) => {
    await more(load, 20, 'at first');
    await Promise.all([kubectl('scale', 'deployment/orders', '--replicas=3'), kubectl('scale', 'deployment/front', '--replicas=3')]);
    await rolledOut('deployment/orders', 'deployment/front');
    await Promise.all([kubectl('scale', 'deployment/orders', '--replicas=2'), kubectl('scale', 'deployment/front', '--replicas=2')]);
    const victims = (await Promise.all(['front', 'orders', 'pricing', 'worker'].map(podsOf))).map(([first]) => first ?? '');
    await kubectl('delete', 'pod', ...victims, '--wait=false', '--ignore-not-found');
    await rolledOut('deployment/orders', 'deployment/front', 'deployment/pricing', 'deployment/worker');
    await more(load, 20, 'after deletions');

    load.versions.clear();
    await kubectl('set', 'env', 'deployment/orders', 'SHOP_VERSION=2');
    await Promise.all([kubectl('rollout', 'restart', 'deployment/front'), kubectl('rollout', 'restart', 'deployment/pricing')]);
    await rolledOut('deployment/orders', 'deployment/front', 'deployment/pricing');
    await eventually('all are of the new version', () => load.versions.get('2') ?? 0, (count) => count > 0, PATIENCE_MS);
    await kubectl('rollout', 'undo', 'deployment/orders');
    await rolledOut('deployment/orders');
    await eventually('the pods of the new version are gone', () => kubectl('get', 'pods', '-l', 'app=orders', '-o', 'jsonpath={.items[*].spec.containers[0].env[0].value}'), (all) => all === '1 1', PATIENCE_MS);
    load.versions.clear();
    await more(load, 10, 'after going back');
    assert.deepEqual([...load.versions.keys()], ['1']);
  }));

  test('each order is delivered exactly once, though pods and the daemon are killed', { skip, timeout: 4 * MINUTE * ROUNDS }, () => underLoad(async (load) => {
    load.isRough = true;
    for (const app of ['worker', 'orders', 'pricing']) {
      kill(app);
      await more(load, 5, `after a kill of ${app}`);
    }
    await daemonOf().crash();
    await daemonOf().up();
    await eventually('the cluster is there again', () => gantry('cluster', 'status').then(() => true, () => false), Boolean);
    await gantry('cluster', 'kubeconfig', '-o', kubeconfig());
    await more(load, 10, 'with the daemon again');
    kill('db');
    await more(load, 10, 'with the database again');
    await rolledOut('statefulset/db', 'deployment/orders', 'deployment/front', 'deployment/pricing');
    load.isRough = false;
    await more(load, 10, 'in the end');
  }));

  test('the cluster goes, and its containers with it', { skip }, async () => {
    await gantry('cluster', 'down');
    assert.equal(daemonOf().ok('ps', '-aq'), '');
  });

  /** As a crash would, from outside of the pod. */
  function kill(app: string): void {
    const [container] = daemonOf().ok('ps', '-q', '--filter', `label=io.kubernetes.pod.namespace=shop`, '--filter', `name=k8s_${app === 'db' ? 'postgres' : app}_`).split('\n');
    const pid = container === undefined || container === '' ? 0 : Number(daemonOf().ok('inspect', '-f', '{{.State.Pid}}', container));
    // One that is just coming back from the last blow has no process to kill.
    if (pid > 0) process.kill(pid, 'SIGKILL');
  }
}
