'use strict';
const { once } = require('node:events');
const { hostname } = require('node:os');
const { openDatabase, transaction } = require('./database.js');
const { openQueue, pause } = require('./stomp.js');

const database = openDatabase();

/**
 * A message may come more than once: when a worker ends before it could say that it is done, the next one gets it. The
 * row of the delivery decides: who writes it counts what was sold, in the same transaction; who finds it does nothing.
 */
async function deliver(id) {
  await transaction(database, async (client) => {
    const { rowCount } = await client.query('INSERT INTO deliveries (id, worker) VALUES ($1, $2) ON CONFLICT DO NOTHING', [id, hostname()]);
    if (rowCount === 1) {
      await client.query('INSERT INTO sold SELECT item, quantity FROM orders WHERE id = $1 ON CONFLICT (item) DO UPDATE SET quantity = sold.quantity + excluded.quantity', [id]);
    }
  });
}

/** Where a delivery fails, the connection ends: what was not acknowledged comes again, to whoever is there. */
async function work() {
  for (;;) {
    const queue = await openQueue();
    queue.on('message', (id, ack) => deliver(id).then(() => queue.acknowledge(ack), (error) => {
      console.error(error.message);
      queue.close();
    }));
    queue.subscribe('orders');
    await once(queue, 'close');
    await pause(500);
  }
}

process.once('SIGTERM', () => process.exit(0));
work();
