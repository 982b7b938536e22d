import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { after, before, describe, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { shopOnACluster } from './shop/cluster.ts';
import { whyNoImage } from './world/busybox.ts';
import { TestDaemon } from './world/daemon.ts';

/**
 * examples/shop as its README says it: images built from the distribution's packages by our builder, started by
 * `gantry compose`. Orders go in at the front door while services are killed; each has to come out exactly once.
 */
const LAUNCHER = new URL('../gantry', import.meta.url).pathname;
const SHOP = new URL('../examples/shop', import.meta.url).pathname;
const skip = whyNoImage() ?? false;
const MINUTE = 60_000;

const ORDERS = 300;
const CLIENTS = 6;
const PATIENCE_MS = 100_000;
/** Killed one after the other, evenly over the orders: whatever has a part in an order dies at least once. */
const VICTIMS = ['worker-1', 'orders-1', 'queue-1', 'pricing-1', 'worker-2', 'db-1', 'orders-2', 'front-1'];
const ITEMS = ['tea', 'coffee', 'cake'];

describe('the shop', { skip, timeout: 9 * MINUTE }, () => {
  let daemon: TestDaemon | undefined;
  const host = (): string => `unix://${daemon?.socket}`;

  function gantry(limitMs: number, ...args: readonly string[]): string {
    const { status, stdout, stderr, signal } = spawnSync(LAUNCHER, args, {
      cwd: SHOP, encoding: 'utf8', timeout: limitMs, killSignal: 'SIGKILL', maxBuffer: 64 << 20, env: { PATH: process.env['PATH'], HOME: daemon?.directory, GANTRY_HOST: host(), SHOP_PORT: '0' },
    });
    assert.equal(status, 0, `gantry ${args.join(' ')}: ${signal ?? ''}\n${stderr.slice(-4000)}${stdout.slice(-1000)}`);
    return stdout.trim();
  }
  const sql = (query: string): string => gantry(MINUTE, 'compose', 'exec', '-T', 'db', 'psql', '-h', '/tmp', '-U', 'shop', '-d', 'postgres', '-At', '-c', query);

  before(async () => {
    if (skip !== false) return;
    daemon = await TestDaemon.start();
    gantry(4 * MINUTE, 'image', 'bootstrap', 'debian:12');
  });
  after(async () => {
    await daemon?.destroy();
  });

  test('its images are built, and it comes up healthy', () => {
    gantry(4 * MINUTE, 'compose', 'build', '--quiet');
    gantry(2 * MINUTE, 'compose', 'up', '-d', '--wait');
    assert.match(gantry(MINUTE, 'compose', 'ps', '--format', '{{.Service}} {{.Health}}'), /front healthy[^]*queue healthy/);
  });

  test('every order is delivered exactly once, though services die under it', async () => {
    const door = gantry(MINUTE, 'compose', 'port', 'front', '80');
    const orders = Array.from({ length: ORDERS }, (_, index) => ({ id: randomUUID(), item: ITEMS[index % ITEMS.length] as string, quantity: 1 + (index % 4) }));
    const killed: string[] = [];
    const waiting = [...orders];
    const client = async (): Promise<void> => {
      for (let order = waiting.shift(); order !== undefined; order = waiting.shift()) {
        const placed = ORDERS - waiting.length;
        const victim = VICTIMS[killed.length];
        if (victim !== undefined && placed >= ((killed.length + 1) * ORDERS) / (VICTIMS.length + 1)) {
          killed.push(victim);
          kill(`shop-${victim}`);
        }
        await place(door, order, () => `${gantry(MINUTE, 'compose', 'ps', '-a')}\n${daemon?.log.slice(-2000)}`);
      }
    };
    await Promise.all(Array.from({ length: CLIENTS }, client));
    assert.deepEqual(killed, VICTIMS);

    const deadline = performance.now() + PATIENCE_MS;
    const delivered = (): number => {
      try {
        return Number(sql('SELECT count(*) FROM deliveries'));
      } catch {
        // The database may just be coming back.
        return -1;
      }
    };
    while (delivered() < ORDERS) {
      assert.ok(performance.now() < deadline, `${delivered()} of ${ORDERS} are delivered\n${gantry(MINUTE, 'compose', 'ps', '-a')}`);
      await pause(500);
    }
    await pause(2000);
    const ids = (text: string): string[] => text.split('\n').filter(Boolean).toSorted();
    assert.deepEqual(ids(sql('SELECT id FROM deliveries')), orders.map(({ id }) => id).toSorted());
    assert.deepEqual(ids(sql('SELECT id FROM orders')), orders.map(({ id }) => id).toSorted());
    const wanted = ITEMS.map((item) => `${item}|${orders.filter((order) => order.item === item).reduce((sum, { quantity }) => sum + quantity, 0)}`).toSorted();
    assert.deepEqual(ids(sql('SELECT item, quantity FROM sold')), wanted, 'what was sold is counted once for each order');
    assert.equal(sql('SELECT count(*) FROM outbox'), '0');
  });

  test('it goes down, with its data', () => {
    gantry(MINUTE, 'compose', 'down', '-v');
    assert.equal(daemon?.ok('ps', '-aq'), '');
    assert.equal(daemon?.ok('volume', 'ls', '-q'), '');
  });

  shopOnACluster(() => {
    assert.ok(daemon !== undefined);
    return daemon;
  });

  /** As a crash would, from outside of the container: its restart policy then brings it back. */
  function kill(container: string): void {
    const pid = Number(daemon?.ok('inspect', '-f', '{{.State.Pid}}', container));
    // One that is just coming back from the last blow has no process to kill.
    if (pid > 0) process.kill(pid, 'SIGKILL');
  }
});

/** Until it is answered: the order keeps its id, so that nothing is placed twice. */
async function place(door: string, order: object, whatIs: () => string): Promise<void> {
  const deadline = performance.now() + PATIENCE_MS;
  for (;;) {
    const answer = await fetch(`http://${door}/orders`, { method: 'POST', body: JSON.stringify(order), signal: AbortSignal.timeout(8000) }).then(({ status }) => status, ({ name, cause }: Error) => `${name} ${String(cause)}`);
    if (answer === 201) return;
    assert.ok(performance.now() < deadline, `the order was never taken: ${answer}\n${whatIs()}`);
    await pause(100);
  }
}
