import { GantryError } from '#base/error.ts';
import type { ContainerIo } from '#container/host/io.ts';
import { isLive } from '#container/model/container-state.ts';
import type { ContainerTable } from './container-table.ts';
import type { ConnectionsPort } from './port.ts';
import type { EnginePorts } from './ports.ts';

/** Connections to programs in sandboxes. */
export class Connections implements ConnectionsPort {
  readonly #host: EnginePorts['host'];
  readonly #table: ContainerTable;

  constructor({ host }: Pick<EnginePorts, 'host'>, table: ContainerTable) {
    this.#host = host;
    this.#table = table;
  }

  async open(reference: string, port: number): Promise<ContainerIo> {
    const { spec, state } = this.#table.find(reference);
    if (!isLive(state.phase) || state.process === undefined) throw new GantryError('conflict', `container ${spec.name} is not running`);
    if (!Number.isInteger(port) || port < 1 || port > 65_535) throw new GantryError('invalid', `${port} is no port: they go from 1 to 65535`);
    return await this.#host.connectInside(state.process, port);
  }
}
