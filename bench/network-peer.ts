// Started by bench/network-actions.ts in the network namespace of a container, of an end of a veth pair, or of another
// machine. Writes `ready` or the milliseconds that it took.
import { connect, createServer, type AddressInfo } from 'node:net';

const [role, ...args] = process.argv.slice(2);
const CHUNK = Buffer.alloc(1024 * 1024);

switch (role) {
  case 'take': {
    // Answers each stream when all of it is there, and each connection without a word by closing it.
    const server = createServer({ allowHalfOpen: true }, (socket) => socket.resume().on('end', () => socket.end()).on('error', () => {}));
    server.listen(Number(args[0]), '0.0.0.0', () => console.log(`ready ${(server.address() as AddressInfo).port}`));
    break;
  }
  case 'stream': {
    const [host = '', port, megabytes] = args;
    const started = performance.now();
    const socket = connect({ host, port: Number(port) });
    let left = Number(megabytes);
    const push = (): void => {
      while (left > 0) {
        left -= 1;
        if (!socket.write(CHUNK)) return;
      }
      socket.end();
    };
    socket.on('connect', push).on('drain', () => left > 0 ? push() : socket.end()).resume().on('close', () => console.log(performance.now() - started));
    break;
  }
  case 'connect': {
    const [host = '', port, count, width] = args;
    let left = Number(count);
    const started = performance.now();
    // Reset, so that no port has to wait until it may be used again.
    const one = (): Promise<void> => new Promise((resolve, reject) => {
      const socket = connect({ host, port: Number(port) });
      socket.on('connect', () => socket.resetAndDestroy()).on('error', reject).on('close', () => resolve());
    });
    await Promise.all(Array.from({ length: Number(width) }, async () => {
      while (left-- > 0) await one();
    }));
    console.log(performance.now() - started);
    break;
  }
  default: throw new Error(`no role ${role}`);
}
