'use strict';
const { createServer } = require('node:http');
const { openDatabase, transaction } = require('./database.js');
const { priceOf } = require('./pricing-client.js');
const { Stomp } = require('./stomp.js');

const database = openDatabase();
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

createServer(async (request, response) => {
  const { status, body } = await answer(request).catch((error) => {
    console.error(error.message);
    return { status: 503, body: { error: error.message } };
  });
  response.writeHead(status, { 'content-type': 'application/json' }).end(`${JSON.stringify(body)}\n`);
}).listen(8080);

/** Notes leave the table only when the queue has the message: after a crash some are sent again, none is lost. */
async function relay(queue) {
  for (;;) {
    const sent = await transaction(database, async (client) => {
      const { rows } = await client.query('SELECT id FROM outbox LIMIT 50 FOR UPDATE SKIP LOCKED');
      await Promise.all(rows.map(({ id }) => queue.publish('orders', id)));
      if (rows.length > 0) await client.query('DELETE FROM outbox WHERE id = ANY($1)', [rows.map(({ id }) => id)]);
      return rows.length;
    });
    if (sent === 0) await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

const queue = new Stomp();
const leave = (error) => {
  console.error(`relay: ${error.message}`);
  process.exit(1);
};
queue.once('close', () => leave(new Error('the queue went away')));
queue.once('connected', () => relay(queue).catch(leave));
