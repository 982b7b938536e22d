'use strict';
const { readFileSync } = require('node:fs');
const { Pool } = require('pg');

/** Connections to the database. A lost one is taken out of the pool; the next query opens another. */
function openDatabase() {
  const password = readFileSync('/run/secrets/password', 'utf8').trim();
  const pool = new Pool({ host: 'db', user: 'shop', database: 'postgres', password, max: 8, connectionTimeoutMillis: 3000 });
  pool.on('error', (error) => console.error(`database: ${error.message}`));
  // One that is in use tells by itself that it was lost, beside the query that fails.
  pool.on('connect', (client) => client.on('error', () => {}));
  return pool;
}

/** All of the work or none of it. */
async function transaction(pool, work) {
  const client = await pool.connect();
  let failed = true;
  try {
    await client.query('BEGIN');
    const result = await work(client);
    await client.query('COMMIT');
    failed = false;
    return result;
  } finally {
    // A connection on which something failed is closed: the server then takes the work back.
    client.release(failed);
  }
}

module.exports = { openDatabase, transaction };
