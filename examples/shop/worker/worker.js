'use strict';
const { hostname } = require('node:os');
const { openDatabase, transaction } = require('./database.js');
const { Stomp } = require('./stomp.js');

const database = openDatabase();
const queue = new Stomp();
const leave = (error) => {
  console.error(error.message);
  process.exit(1);
};

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

queue.once('close', () => leave(new Error('the queue went away')));
queue.once('connected', () => queue.subscribe('orders'));
queue.on('message', (id, ack) => deliver(id).then(() => queue.acknowledge(ack), leave));
