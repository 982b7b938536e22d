'use strict';
const { createServer } = require('node:http');
const { openDatabase, transaction } = require('./database.js');
const { priceOf } = require('./pricing-client.js');
const { openQueue, pause } = require('./stomp.js');

const database = openDatabase();
const version = process.env.SHOP_VERSION ?? '1';
const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/**
 * An order and the note that it is to be delivered are written at once, or not at all. The client chose the id: to place
 * the same order again, because no answer came, places it once.
 */
async function place({ id, item, quantity }) {
  if (!UUID.test(id ?? '') || typeof item !== 'string' || !Number.isInteger(quantity) || quantity < 1) return { status: 400, body: { error: 'id, item and quantity are needed' } };
  const cents = await priceOf(item, quantity);
  if (cents === undefined) return { status: 404, body: { error: `nobody sells ${item}` } };
  await transaction(database, async (client) => {
    const { rowCount } = await client.query('INSERT INTO orders (id, item, quantity, cents) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING', [id, item, quantity, cents]);
    if (rowCount === 1) await client.query('INSERT INTO outbox (id) VALUES ($1)', [id]);
  });
  return { status: 201, body: { id, cents } };
}

async function answer(request) {
  if (request.method === 'GET' && request.url === '/health') return { status: 200, body: { ok: true } };
  if (request.method !== 'POST' || request.url !== '/orders') return { status: 404, body: { error: 'not found' } };
  let text = '';
  for await (const bytes of request) text += bytes;
  return place(JSON.parse(text));
}

const server = createServer(async (request, response) => {
  const { status, body } = await answer(request).catch((error) => {
    console.error(error.message);
    return { status: 503, body: { error: error.message } };
  });
  response.writeHead(status, { 'content-type': 'application/json', 'x-shop-version': version }).end(`${JSON.stringify(body)}\n`);
}).listen(8080);

/** Told to end: no more clients, and those who are here are served. What the relay leaves behind is sent again by another. */
process.once('SIGTERM', () => {
  server.close(() => process.exit(0));
  server.closeIdleConnections();
});

/** Notes leave the table only when the queue has the message: after a crash some are sent again, none is lost. */
async function sendSome(queue) {
  return transaction(database, async (client) => {
    const { rows } = await client.query('SELECT id FROM outbox LIMIT 50 FOR UPDATE SKIP LOCKED');
    await Promise.all(rows.map(({ id }) => queue.publish('orders', id)));
    if (rows.length > 0) await client.query('DELETE FROM outbox WHERE id = ANY($1)', [rows.map(({ id }) => id)]);
    return rows.length;
  });
}

/** Database and queue may be away for a while: orders that can be taken meanwhile are. */
async function relay() {
  for (;;) {
    const queue = await openQueue();
    let isOpen = true;
    queue.once('close', () => (isOpen = false));
    while (isOpen) {
      const sent = await sendSome(queue).catch((error) => console.error(`relay: ${error.message}`));
      if (sent === undefined) await pause(500);
      else if (sent === 0) await pause(100);
    }
  }
}

relay();
