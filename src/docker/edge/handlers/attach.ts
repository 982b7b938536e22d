import { GantryError, messageOf } from '#base/error.ts';
import { DEFAULT_DETACH_KEYS, parseDetachKeys } from '../../detach-keys.ts';
import type { Exchange } from '../exchange.ts';
import { hijack } from '../hijack.ts';
import { writeLog } from '../log-writer.ts';
import { endGently, RawStream } from '../raw-stream.ts';

/** `POST /containers/{id}/attach`: may come before the start, and then waits for it. */
export async function attach(exchange: Exchange): Promise<void> {
  const { engine } = exchange;
  const keys = exchange.param('detachKeys');
  const detachKeys = keys === '' ? DEFAULT_DETACH_KEYS : parseDetachKeys(keys);
  const { spec, state } = engine.containers.find(exchange.name);
  if (state.phase === 'paused') throw new GantryError('conflict', `container ${exchange.name} is paused, unpause the container before attach`);
  if (state.phase === 'restarting') throw new GantryError('conflict', `container ${exchange.name} is restarting, wait until the container is running`);
  const isTerminal = spec.process.terminal;
  const streams = { stdin: exchange.flag('stdin') && spec.process.stdin.open, stdout: exchange.flag('stdout'), stderr: exchange.flag('stderr') };
  const records = exchange.flag('logs') ? engine.containers.logs(spec.id, { follow: false }) : undefined;
  // Asked for before the client knows of it: the client starts the container as soon as it does.
  const attachment = exchange.flag('stream') ? engine.containers.attach(spec.id, { stdin: streams.stdin }) : undefined;
  const socket = hijack(exchange, !isTerminal);
  if (records !== undefined) {
    await writeLog(records, socket, { ...streams, timestamps: false, details: false, multiplexed: !isTerminal }).catch((thrown: unknown) => exchange.front.log(`attach to ${spec.name}: its log can't be read: ${messageOf(thrown)}`));
  }
  if (attachment === undefined) {
    endGently(socket);
    return;
  }
  const stream = new RawStream(socket, { ...streams, multiplexed: !isTerminal, ...(isTerminal ? { detachKeys } : {}) }, () => attachment.close());
  if (socket.destroyed) attachment.close();
  attachment.io.then((io) => stream.join(io), () => stream.finish());
}
