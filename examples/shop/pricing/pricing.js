'use strict';
const { readFileSync } = require('node:fs');
const { createServer } = require('node:http2');

const prices = new Map(Object.entries(JSON.parse(readFileSync('/etc/shop/prices.json', 'utf8'))));
const [OK, NOT_FOUND, UNIMPLEMENTED] = [0, 5, 12];

/** The fields of a protobuf message that has only texts and small numbers, by their numbers. */
function fieldsOf(message) {
  const fields = new Map();
  let at = 0;
  const varint = () => {
    let value = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = message[at++];
      value |= (byte & 127) << shift;
      if (byte < 128) return value;
    }
  };
  while (at < message.length) {
    const key = varint();
    if ((key & 7) === 0) fields.set(key >>> 3, varint());
    else {
      const length = varint();
      fields.set(key >>> 3, message.subarray(at, at + length).toString());
      at += length;
    }
  }
  return fields;
}

function varint(value) {
  const bytes = [];
  for (let rest = value; ; rest >>>= 7) {
    bytes.push(rest > 127 ? (rest & 127) | 128 : rest);
    if (rest <= 127) return bytes;
  }
}

function price(message) {
  const fields = fieldsOf(message);
  const each = prices.get(fields.get(1));
  return each === undefined ? { status: NOT_FOUND, reply: [] } : { status: OK, reply: [0x08, ...varint(each * (fields.get(2) ?? 0))] };
}

const server = createServer().on('stream', (stream, headers) => {
  const parts = [];
  stream.on('error', () => {});
  stream.on('data', (bytes) => parts.push(bytes));
  stream.on('end', () => {
    const { status, reply } = headers[':path'] === '/shop.Pricing/Price' ? price(Buffer.concat(parts).subarray(5)) : { status: UNIMPLEMENTED, reply: [] };
    stream.respond({ ':status': 200, 'content-type': 'application/grpc' }, { waitForTrailers: true });
    stream.on('wantTrailers', () => stream.sendTrailers({ 'grpc-status': String(status) }));
    if (status !== OK) stream.end();
    else stream.end(Buffer.from([0, 0, 0, 0, reply.length, ...reply]));
  });
}).listen(50051);

/** Told to end: no more clients, and those who are here are served. */
process.once('SIGTERM', () => server.close(() => process.exit(0)));
