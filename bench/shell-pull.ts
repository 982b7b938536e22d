import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { blobsOf } from './layered-image.ts';
import { PORT, SEEDED } from './peers/local-registry.ts';

const REPOSITORY = SEEDED.split(':', 1)[0] ?? '';

/**
 * What a pull is at least, without an engine: each layer fetched, hashed and unpacked by a pipeline, all at once, and then on disk. The socket
 * is read by cat(1), which takes less than curl(1), and is there wherever bash is.
 */
const SCRIPT = `
layer() {
  mkdir "$1"
  exec 3<>/dev/tcp/127.0.0.1/${PORT}
  printf 'GET /v2/${REPOSITORY}/blobs/%s HTTP/1.0\\r\\n\\r\\n' "$1" >&3
  while IFS= read -r line <&3 && [ "$line" != $'\\r' ]; do :; done
  cat <&3 | tee >(sha256sum > "$1.sum") | gunzip | tar -x -C "$1"
}
cd "$1"
shift
for digest; do layer "$digest" & pids="\${pids-} $!"; done
for pid in $pids; do wait "$pid"; done
sync -f .
`;

/** The layers of the layered image, from the registry beside an engine. Below the directory that has the image. */
export class ShellPull {
  readonly #directory: string;
  readonly #digests: readonly string[];
  readonly #daemonPid: number;

  /** @param daemonPid whose network namespace has the registry */
  constructor(layered: string, daemonPid: number) {
    const state = dirname(layered);
    const { layers } = JSON.parse(readFileSync(join(blobsOf(state), 'manifest.json'), 'utf8')) as { layers: { digest: string }[] };
    this.#directory = join(state, 'shell-pull');
    this.#digests = layers.map(({ digest }) => digest);
    this.#daemonPid = daemonPid;
  }

  forget(): void {
    rmSync(this.#directory, { recursive: true, force: true });
    mkdirSync(this.#directory);
  }

  /** Milliseconds. */
  time(): number {
    const started = performance.now();
    const { status, stderr } = spawnSync('nsenter', [`--net=/proc/${this.#daemonPid}/ns/net`, 'bash', '-euo', 'pipefail', '-c', SCRIPT, 'bash', this.#directory, ...this.#digests], { encoding: 'utf8', stdio: ['ignore', 'ignore', 'pipe'] });
    const ended = performance.now();
    if (status !== 0) throw new Error(`the pipelines ended with ${status}: ${stderr.trim()}`);
    return ended - started;
  }
}
