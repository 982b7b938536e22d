import type { Timers } from '#base/clock.ts';
import { GantryError, messageOf } from '#base/error.ts';
import type { EnginePort } from '#container/engine/port.ts';
import type { ContainerId } from '#container/model/ids.ts';
import type { NodePort, ProbeOutcome } from './node-port.ts';
import type { PodContainer, PodHandler } from './pod.ts';

const SIGKILL = 9;

/** Carries out what probes and life-cycle hooks ask for: a command in the container, a request to it, a connection, a while of sleep. */
export class Prober {
  readonly #engine: Pick<EnginePort, 'execs'>;
  readonly #node: NodePort;
  readonly #timers: Timers;

  constructor(engine: Pick<EnginePort, 'execs'>, node: NodePort, timers: Timers) {
    this.#engine = engine;
    this.#node = node;
    this.#timers = timers;
  }

  async ask(container: PodContainer, id: ContainerId, address: string, handler: PodHandler, timeoutMs: number): Promise<ProbeOutcome> {
    try {
      if (handler.exec !== undefined) return await this.#exec(id, handler.exec.command ?? [], timeoutMs);
      if (handler.httpGet !== undefined) {
        const { path = '/', port, host, scheme, httpHeaders = [] } = handler.httpGet;
        return await this.#node.httpGet({ address: host ?? address, port: portOf(container, port), path, isTls: scheme === 'HTTPS', headers: httpHeaders.map(({ name, value }) => [name, value] as const), timeoutMs });
      }
      if (handler.tcpSocket !== undefined) return await this.#node.tcpConnect({ address: handler.tcpSocket.host ?? address, port: portOf(container, handler.tcpSocket.port), timeoutMs });
      if (handler.grpc !== undefined) return await this.#node.grpcHealth({ address, port: handler.grpc.port, service: handler.grpc.service ?? '', timeoutMs });
      if (handler.sleep !== undefined) {
        const ms = Math.min(handler.sleep.seconds * 1000, timeoutMs);
        await new Promise<void>((resolve) => void this.#timers.after(ms, resolve));
      }
      return { ok: true, message: '' };
    } catch (thrown) {
      return { ok: false, message: messageOf(thrown) };
    }
  }

  /** One that takes too long has failed, and ends. */
  async #exec(id: ContainerId, args: readonly string[], timeoutMs: number): Promise<ProbeOutcome> {
    const exec = await this.#engine.execs.create(id, { args, env: [], cwd: '', user: '', terminal: false, attachStdin: false, attachStdout: false, attachStderr: false, privileged: false, detachKeys: '', front: {} });
    const { done } = await this.#engine.execs.start(exec, { attached: false });
    const late = Promise.withResolvers<undefined>();
    const cancel = this.#timers.after(timeoutMs, () => late.resolve(undefined));
    const code = await Promise.race([done, late.promise]);
    cancel();
    if (code !== undefined) return { ok: code === 0, message: code === 0 ? '' : `the command ended with exit code ${code}` };
    // It may have ended this moment.
    await this.#engine.execs.kill(exec, SIGKILL).catch(() => {});
    return { ok: false, message: `command timed out: ${args.join(' ')} timed out after ${timeoutMs / 1000}s` };
  }
}

function portOf({ ports = [] }: PodContainer, port: number | string): number {
  if (typeof port === 'number' || /^\d+$/.test(port)) return Number(port);
  const found = ports.find(({ name }) => name === port);
  if (found === undefined) throw new GantryError('invalid', `the container has no port ${JSON.stringify(port)}`);
  return found.containerPort;
}
