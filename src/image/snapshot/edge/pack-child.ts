import { closeSync, mkdirSync } from 'node:fs';
import { ByteSink, writeAll } from './_byte-sink.ts';
import { reportAnswer, reportProgress, reportResult } from './_child-result.ts';
import { ChunkedOutput } from './_chunked-output.ts';
import { receiveMessage } from './_descriptor-messages.ts';
import { GzipOutput, type GzipResult } from './_gzip-output.ts';
import { checkSame, tarSteps, type TarSum } from './_layer-tar.ts';
import { check, libc } from './_libc.ts';
import { CAPABILITY, enterSandbox, MS } from './_sandbox.ts';
import { Sha256 } from './_sha256.ts';
import { mountTrees } from './_tree-mounts.ts';

/**
 * Started as a process of its own, for layers of one image: puts their tars together again, one after the other, and compresses them. It sees
 * the files of these layers and nothing else. Each order is a message on descriptor 0, which brings the descriptor of what the
 * gzip goes to, and unless the layer is made from its files those of its recipe and its replaced contents. Its answer is a
 * `GzipResult`. The first failure is the result, and ends it; else the end of the messages does.
 */
export interface PackStart {
  /** Where its root is mounted, in its own mount namespace. None of the layers is there. */
  readonly directory: string;
  /** The directories of the layers. */
  readonly layers: readonly string[];
  /** Whether the tar of any of them is a diff of its files. */
  readonly readsAttributes: boolean;
}

export interface PackOrder {
  /** Which of the layers. */
  readonly layer: number;
  readonly diffId: string;
  readonly expected: TarSum;
  /** It goes to a connection, in chunks without the last, and now and then it is reported how much has gone. */
  readonly isChunked: boolean;
}

/** Less than a client of the daemon is told it. */
const TELL_EVERY_MS = 50;

void reportResult(async () => {
  const { directory, layers, readsAttributes } = JSON.parse(process.argv[2]!) as PackStart;
  // Attributes in trusted.* are shown to CAP_SYS_ADMIN only; the calls that make it dangerous are denied to this process.
  enterSandbox({ directory, writable: false, capabilities: [CAPABILITY.dacReadSearch, ...(readsAttributes ? [CAPABILITY.sysAdmin] : [])], mount: () => mountLayers(directory, layers) });
  for (let message = receiveMessage(0); message !== undefined; message = receiveMessage(0)) {
    reportAnswer(await pack(JSON.parse(message.text) as PackOrder, message.descriptors));
    message.descriptors.forEach(closeSync);
  }
  return null;
});

function mountLayers(root: string, layers: readonly string[]): void {
  const flags = MS.noSuid | MS.noDev | MS.noExec;
  check(libc.mount('tmpfs', root, 'tmpfs', flags, 'mode=755,size=1m'), 'mount a root for the layers');
  layers.forEach((_, index) => mkdirSync(`${root}/${index}`));
  mountTrees(root, layers.map((path, index) => ({ at: String(index), kind: 'bind', path, readonly: true })));
  check(libc.mount(null, root, null, MS.remount | MS.bind | MS.readOnly | flags, null), 'restrict the root of the layers');
}

async function pack({ layer, diffId, expected, isChunked }: PackOrder, [output = -1, recipe, replaced]: readonly number[]): Promise<GzipResult> {
  process.chdir(`/${layer}`);
  const hash = 'sha256' in expected ? new Sha256() : undefined;
  const gzip = new GzipOutput(isChunked ? chunks(output) : (bytes) => writeAll(output, bytes));
  const sink = new ByteSink(undefined, (bytes) => {
    hash?.update(bytes);
    return gzip.put(bytes);
  });
  const steps = tarSteps(sink, recipe === undefined || replaced === undefined ? undefined : { recipe, replaced });
  for (const _ of steps) if (gzip.isFull) await gzip.settled();
  const result = await gzip.end();
  checkSame(diffId, expected, hash === undefined ? { crc32: gzip.checksum } : { sha256: hash.end() });
  return result;
}

/** Each report wakes the daemon. */
function chunks(connection: number): (bytes: Uint8Array) => void {
  const output = new ChunkedOutput(connection);
  let sent = 0;
  let toldMs = -Infinity;
  return (bytes) => {
    output.write(bytes);
    sent += bytes.length;
    if (performance.now() - toldMs < TELL_EVERY_MS) return;
    toldMs = performance.now();
    reportProgress(sent);
  };
}
