'use strict';
const { connect } = require('node:http2');

/** A unary gRPC call: one message each way, each after a byte of flags and its length; the outcome is in the trailers. */
function call(session, path, message) {
  return new Promise((resolve, reject) => {
    const stream = session.request({ ':method': 'POST', ':path': path, 'content-type': 'application/grpc', te: 'trailers' });
    const frame = Buffer.alloc(5 + message.length);
    frame.writeUInt32BE(message.length, 1);
    message.copy(frame, 5);
    let body = Buffer.alloc(0);
    let status = { code: 14, message: 'no answer' };
    const outcome = (headers) => {
      if (headers['grpc-status'] !== undefined) status = { code: Number(headers['grpc-status']), message: headers['grpc-message'] ?? '' };
    };
    stream.on('response', outcome).on('trailers', outcome).on('data', (bytes) => (body = Buffer.concat([body, bytes]))).on('error', reject);
    stream.on('end', () => (status.code === 0 ? resolve(body.subarray(5)) : reject(Object.assign(new Error(`pricing: ${status.message}`), { code: status.code }))));
    stream.setTimeout(3000, () => stream.close());
    stream.end(frame);
  });
}

const NOT_FOUND = 5;

/** `PriceRequest { string item = 1; int32 quantity = 2; }` */
function request(item, quantity) {
  const name = Buffer.from(item);
  return Buffer.concat([Buffer.from([0x0a]), varint(name.length), name, Buffer.from([0x10]), varint(quantity)]);
}

function varint(value) {
  const bytes = [];
  for (let rest = value; ; rest >>>= 7) {
    bytes.push(rest > 127 ? (rest & 127) | 128 : rest);
    if (rest <= 127) return Buffer.from(bytes);
  }
}

/** `PriceReply { int32 cents = 1; }` */
function cents(message) {
  let value = 0;
  for (let index = 1, shift = 0; index < message.length; index++, shift += 7) value |= (message[index] & 127) << shift;
  return value;
}

/** In cents; undefined for what has no price. */
async function priceOf(item, quantity) {
  const session = connect('http://pricing:50051');
  session.on('error', () => {});
  try {
    return cents(await call(session, '/shop.Pricing/Price', request(item, quantity)));
  } catch (error) {
    if (error.code === NOT_FOUND) return undefined;
    throw error;
  } finally {
    session.close();
  }
}

module.exports = { priceOf };
