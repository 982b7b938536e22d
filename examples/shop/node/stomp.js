'use strict';
const { connect } = require('node:net');
const { readFileSync } = require('node:fs');
const { EventEmitter } = require('node:events');

/** A connection to RabbitMQ by STOMP 1.2, a protocol of text frames. `close` is emitted once, for whatever reason. */
class Stomp extends EventEmitter {
  #socket = connect(61613, 'queue');
  #held = Buffer.alloc(0);
  #receipts = new Map();
  #count = 0;

  constructor() {
    super();
    this.#socket.setTimeout(20_000, () => this.#socket.destroy());
    this.#socket.on('data', (bytes) => this.#take(bytes));
    this.#socket.on('error', (error) => console.error(`queue: ${error.message}`));
    this.#socket.on('close', () => {
      for (const { reject } of this.#receipts.values()) reject(new Error('the queue went away'));
      this.emit('close');
    });
    const passcode = readFileSync('/run/secrets/password', 'utf8').trim();
    this.#send('CONNECT', { 'accept-version': '1.2', host: '/', login: 'shop', passcode, 'heart-beat': '5000,5000' });
    this.beat = setInterval(() => this.#socket.write('\n'), 5000);
    this.once('close', () => clearInterval(this.beat));
  }

  /** Settles when the queue has written the message to its disk. */
  publish(queue, body) {
    if (this.#socket.destroyed) return Promise.reject(new Error('the queue went away'));
    const receipt = String(++this.#count);
    return new Promise((resolve, reject) => {
      this.#receipts.set(receipt, { resolve, reject });
      this.#send('SEND', { destination: `/queue/${queue}`, persistent: 'true', receipt }, body);
    });
  }

  /** Each message is emitted as `message`, with its body and the id to acknowledge it by. */
  subscribe(queue) {
    this.#send('SUBSCRIBE', { id: '0', destination: `/queue/${queue}`, ack: 'client-individual', 'prefetch-count': '10' });
  }

  acknowledge(id) {
    this.#send('ACK', { id });
  }

  /** What is not acknowledged comes again. */
  close() {
    this.#socket.destroy();
  }

  #send(command, headers, body = '') {
    const lines = Object.entries(headers).map(([name, value]) => `${name}:${value}\n`).join('');
    this.#socket.write(`${command}\n${lines}\n${body}\0`);
  }

  #take(bytes) {
    this.#held = Buffer.concat([this.#held, bytes]);
    for (let end = this.#held.indexOf(0); end !== -1; end = this.#held.indexOf(0)) {
      const frame = this.#held.subarray(0, end).toString().replace(/^[\r\n]+/, '');
      this.#held = this.#held.subarray(end + 1);
      const [head, body = ''] = frame.split(/\n\n(.*)/s);
      const [command, ...lines] = head.split('\n');
      this.#frame(command, new Map(lines.map((line) => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 1)])), body);
    }
  }

  #frame(command, headers, body) {
    if (command === 'CONNECTED') this.emit('connected');
    else if (command === 'MESSAGE') this.emit('message', body, headers.get('ack'));
    else if (command === 'RECEIPT') {
      this.#receipts.get(headers.get('receipt-id'))?.resolve();
      this.#receipts.delete(headers.get('receipt-id'));
    } else if (command === 'ERROR') {
      console.error(`queue: ${headers.get('message')}: ${body}`);
      this.#socket.destroy();
    }
  }
}

const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/** A connection as soon as there is one: the queue may start later, or be away for a while. */
async function openQueue() {
  for (;;) {
    const queue = new Stomp();
    if (await new Promise((resolve) => queue.once('connected', () => resolve(true)).once('close', () => resolve(false)))) return queue;
    await pause(500);
  }
}

module.exports = { openQueue, pause };
