import { GantryError, messageOf } from '#base/error.ts';
import type { EnginePort } from '#container/engine/port.ts';
import type { ContainerId } from '#container/model/ids.ts';
import type { NodePort, ProbeOutcome } from './node-port.ts';
import type { PodContainer, PodProbe } from './pod.ts';

/** Carries out one probe of a container. */
export class Prober {
  readonly #engine: Pick<EnginePort, 'execs'>;
  readonly #node: NodePort;

  constructor(engine: Pick<EnginePort, 'execs'>, node: NodePort) {
    this.#engine = engine;
    this.#node = node;
  }

  async probe(container: PodContainer, id: ContainerId, address: string, probe: PodProbe): Promise<ProbeOutcome> {
    const timeoutMs = (probe.timeoutSeconds ?? 1) * 1000;
    try {
      if (probe.exec !== undefined) return await this.#exec(id, probe.exec.command ?? []);
      if (probe.httpGet !== undefined) {
        const { path = '/', port, host, scheme, httpHeaders = [] } = probe.httpGet;
        return await this.#node.httpGet({ address: host ?? address, port: portOf(container, port), path, isTls: scheme === 'HTTPS', headers: httpHeaders.map(({ name, value }) => [name, value] as const), timeoutMs });
      }
      if (probe.tcpSocket !== undefined) return await this.#node.tcpConnect({ address: probe.tcpSocket.host ?? address, port: portOf(container, probe.tcpSocket.port), timeoutMs });
      return { ok: true, message: '' };
    } catch (thrown) {
      return { ok: false, message: messageOf(thrown) };
    }
  }

  async #exec(id: ContainerId, args: readonly string[]): Promise<ProbeOutcome> {
    const exec = await this.#engine.execs.create(id, { args, env: [], cwd: '', user: '', terminal: false, attachStdin: false, attachStdout: false, attachStderr: false, privileged: false, detachKeys: '', front: {} });
    const { done } = await this.#engine.execs.start(exec, { attached: false });
    const code = await done;
    return { ok: code === 0, message: code === 0 ? '' : `the command ended with exit code ${code}` };
  }
}

function portOf({ ports = [] }: PodContainer, port: number | string): number {
  if (typeof port === 'number' || /^\d+$/.test(port)) return Number(port);
  const found = ports.find(({ name }) => name === port);
  if (found === undefined) throw new GantryError('invalid', `the container has no port ${JSON.stringify(port)}`);
  return found.containerPort;
}
