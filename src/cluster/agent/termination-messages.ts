import { concatBytes } from '#base/bytes.ts';
import type { KubeObject } from '#cluster/kinds/object.ts';
import type { EnginePort } from '#container/engine/port.ts';
import type { ContainerId } from '#container/model/ids.ts';
import type { Mount } from '#container/model/mount.ts';
import type { NodePort } from './node-port.ts';
import type { ObservedContainer } from './observed.ts';
import { containerNamed, type PodContainer } from './pod.ts';
import { LOG_LINES, LONGEST_MESSAGE, textOfEnd } from './termination-message.ts';

export interface TerminationParts {
  readonly engine: Pick<EnginePort, 'containers'>;
  readonly node: Pick<NodePort, 'terminationFile' | 'readTermination'>;
}

const DEFAULT_PATH = '/dev/termination-log';
const runName = (container: string, attempt: number): string => `${container}.${attempt}`;

/** What containers say of their end, in a file that each has of its own. Read once, when it is over. */
export class TerminationMessages {
  readonly #parts: TerminationParts;
  readonly #read = new Map<ContainerId, string>();

  constructor(parts: TerminationParts) {
    this.#parts = parts;
  }

  /** The file as a container sees it. */
  async mountOf(pod: KubeObject, { name, terminationMessagePath = DEFAULT_PATH }: PodContainer, attempt: number): Promise<readonly Mount[]> {
    if (terminationMessagePath === '') return [];
    const source = await this.#parts.node.terminationFile(pod.metadata.uid, runName(name, attempt));
    return [{ kind: 'bind', source, target: terminationMessagePath, readonly: false, propagation: 'rprivate', recursive: false, createSource: false }];
  }

  /** Of those of the pod's containers that ended and said something. */
  async of(pod: KubeObject, observed: readonly ObservedContainer[]): Promise<ReadonlyMap<ContainerId, string>> {
    const messages = new Map<ContainerId, string>();
    for (const each of observed) {
      const container = containerNamed(pod, each.name);
      if (container === undefined || each.state !== 'exited') continue;
      const text = this.#read.get(each.id) ?? await this.#message(pod, container, each);
      this.#read.set(each.id, text);
      if (text !== '') messages.set(each.id, text);
    }
    return messages;
  }

  forget(id: ContainerId): void {
    this.#read.delete(id);
  }

  async #message({ metadata: { uid } }: KubeObject, { terminationMessagePolicy }: PodContainer, { id, name, attempt, exitCode }: ObservedContainer): Promise<string> {
    const written = await this.#parts.node.readTermination(uid, runName(name, attempt), LONGEST_MESSAGE);
    if (written.length > 0) return new TextDecoder().decode(written);
    return terminationMessagePolicy === 'FallbackToLogsOnError' && exitCode !== 0 ? await this.#endOfLog(id) : '';
  }

  async #endOfLog(id: ContainerId): Promise<string> {
    const pieces: Uint8Array[] = [];
    for await (const records of this.#parts.engine.containers.logs(id, { follow: false, tail: LOG_LINES })) pieces.push(...records.map(({ bytes }) => bytes));
    return textOfEnd(concatBytes(pieces));
  }
}
