import { GantryError, messageOf } from '#base/error.ts';
import type { Json, JsonObject } from '#base/json.ts';
import { signalNumber } from '#container/engine/signal.ts';
import { DEFAULT_DETACH_KEYS, parseDetachKeys } from '../../detach-keys.ts';
import { renderExec } from '../../render/exec.ts';
import { EXEC_CREATE, EXEC_START } from '../../wire/exec.ts';
import type { Exchange } from '../exchange.ts';
import { hijack } from '../hijack.ts';
import { RawStream } from '../raw-stream.ts';
import { screenSize } from './container-life.ts';

const SIGKILL = 9;

/** `POST /containers/{id}/exec`. */
export async function createExec(exchange: Exchange): Promise<void> {
  const { engine } = exchange;
  const body = EXEC_CREATE.decode((await exchange.body()) ?? null, '');
  const args = body.Cmd ?? [];
  if (args.length === 0) throw new GantryError('invalid', 'No exec command specified');
  const { spec, state } = engine.containers.find(exchange.name);
  if (state.phase === 'paused') throw new GantryError('conflict', `Container ${exchange.name} is paused, unpause the container before exec`);
  if (state.phase === 'restarting') throw new GantryError('conflict', `Container ${spec.id} is restarting, wait until the container is running`);
  if (body.DetachKeys !== '') parseDetachKeys(body.DetachKeys, 'escape');
  const id = await engine.execs.create(spec.id, {
    args,
    env: body.Env ?? [],
    cwd: body.WorkingDir === '' ? spec.process.cwd : body.WorkingDir,
    user: body.User === '' ? spec.process.user : body.User,
    terminal: body.Tty,
    attachStdin: body.AttachStdin,
    attachStdout: body.AttachStdout,
    attachStderr: body.AttachStderr,
    privileged: body.Privileged,
    detachKeys: body.DetachKeys,
    front: { consoleSize: (exchange.version < 1042 ? null : (body.ConsoleSize ?? null)) as Json } satisfies JsonObject,
  });
  exchange.json(201, { Id: id });
}

/** `GET /exec/{id}/json`. */
export function inspectExec(exchange: Exchange): void {
  exchange.json(200, renderExec(exchange.engine.execs.find(exchange.name)));
}

/** `POST /exec/{id}/kill`, an extension: `signal` as for a container. */
export async function killExec(exchange: Exchange): Promise<void> {
  await exchange.engine.execs.kill(exchange.name, signalNumber(exchange.param('signal') || 'SIGKILL'));
  exchange.empty(204);
}

/** `POST /exec/{id}/resize`. */
export async function resizeExec(exchange: Exchange): Promise<void> {
  const { rows, columns } = screenSize(exchange);
  await exchange.engine.execs.resize(exchange.name, rows, columns);
  exchange.empty(200);
}

function consoleSize(front: JsonObject, given: readonly [number, number] | null | undefined): readonly [number, number] | undefined {
  const size = given ?? (front['consoleSize'] as readonly [number, number] | null | undefined);
  return size !== null && size !== undefined && size[0] > 0 && size[1] > 0 ? size : undefined;
}

/** `POST /exec/{id}/start`. What goes wrong after the connection is taken is told in the stream, and by the exit code. */
export async function startExec(exchange: Exchange): Promise<void> {
  const { execs, containers } = exchange.engine;
  const body = EXEC_START.decode((await exchange.body()) ?? null, '');
  const { spec } = execs.find(exchange.name);
  const { state, spec: container } = containers.find(spec.container);
  if (state.phase === 'paused') throw new GantryError('conflict', `Container ${container.id} is paused, unpause the container before exec`);
  if (state.phase !== 'running') throw new GantryError('conflict', `container ${container.id} is not running`);
  const size = body.Tty ? consoleSize(spec.front, exchange.version < 1042 ? null : body.ConsoleSize) : undefined;
  const fit = async (): Promise<void> => {
    // The client sends the size again once it has the terminal.
    if (size !== undefined) await execs.resize(spec.id, ...size).catch(() => {});
  };
  const note = (thrown: unknown): void => exchange.front.log(`exec ${spec.id.slice(0, 12)}: ${messageOf(thrown)}`);
  if (body.Detach) {
    const { done } = await execs.start(spec.id, { attached: false });
    done.catch(note);
    await fit();
    exchange.empty(200);
    return;
  }
  // An extension: a client that is gone takes its program with it. Docker lets it go on.
  const kills = exchange.flag('killOnDisconnect');
  const socket = hijack(exchange, !body.Tty);
  const streams = { stdin: spec.attachStdin, stdout: spec.attachStdout, stderr: spec.attachStderr };
  const detachKeys = spec.detachKeys === '' ? DEFAULT_DETACH_KEYS : parseDetachKeys(spec.detachKeys);
  const killIfWanted = (): void => {
    if (kills) void execs.kill(spec.id, SIGKILL).catch(note);
  };
  const onDetach = (): void => execs.detached(spec.id);
  const stream = new RawStream(socket, { ...streams, multiplexed: !body.Tty, onLost: killIfWanted, ...(spec.terminal ? { detachKeys, onDetach } : {}) }, () => {});
  try {
    const { io, done } = await execs.start(spec.id, { attached: true });
    done.catch(note);
    if (socket.destroyed) killIfWanted();
    if (io === undefined) void done.finally(() => stream.finish()).catch(() => {});
    else stream.join(io);
    await fit();
  } catch (thrown) {
    stream.finish(messageOf(thrown));
  }
}
