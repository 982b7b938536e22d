import { randomUUID } from 'node:crypto';
import { GantryError } from '#base/error.ts';
import { readAnnotations } from '../solver/image-annotations.ts';
import { ActiveBuild } from './active-build.ts';
import type { BuildService } from './build-service.ts';
import { ClassicLog } from './classic-log.ts';
import { DirectoryContext } from './directory-context.ts';
import { exportImage } from './export-image.ts';
import { fetchContext, receiveContext, type ReceivedContext } from './received-context.ts';
import { readFrontendOptions } from './frontend-options.ts';
import { ProcessError } from './run-step.ts';
import { clientWith } from './session.ts';

/** `POST /build`: everything in one request. */
export interface ClassicRequest {
  /** As the Dockerfile frontend has them. */
  readonly attributes: ReadonlyMap<string, string>;
  readonly names: readonly string[];
  /** The context as a stream, unless it is somewhere else. */
  readonly body: AsyncIterable<Uint8Array>;
  readonly remote: string;
  /** By id. */
  readonly secrets: ReadonlyMap<string, Uint8Array>;
  readonly signal: AbortSignal;
}

export type ClassicEvent =
  /** The Dockerfile is read, and is built now. */
  | { readonly kind: 'begun' }
  | { readonly kind: 'stream'; readonly text: string }
  /** The image is there. */
  | { readonly kind: 'result'; readonly id: string }
  | { readonly kind: 'explained'; readonly steps: ActiveBuild['reasons'] };

/** A build that tells what it does in lines, as Docker's first builder did. Throws what went wrong. */
export async function* classicBuild(service: BuildService, request: ClassicRequest): AsyncGenerator<ClassicEvent> {
  const { ports } = service;
  const client = randomUUID();
  const build = new ActiveBuild({ ref: randomUUID(), session: client, entitlements: ['network.host'] }, ports, ports.clock);
  const stop = (): void => build.abort();
  request.signal.addEventListener('abort', stop, { once: true });
  build.lend(ports.sessions.lend(client, clientWith(request.secrets)));
  const log = new ClassicLog();
  let id: string | undefined;
  const done = service.run(build, async () => {
    const options = readFrontendOptions(request.attributes);
    const received: ReceivedContext = request.remote === '' ? await receiveContext(request.body, ports, build.signal) : await fetchContext(request.remote, ports, build.signal);
    build.lend(() => received.release());
    const context = new DirectoryContext({ progress: build.progress, trees: ports.trees, signal: build.signal }, received.path, options.fileName, received.dockerfile);
    const { results, steps } = await service.solveDirectory(build, request.attributes, context);
    log.expect(steps);
    const result = results[0];
    const files = result === undefined ? undefined : await build.evaluate(result);
    const platform = result?.platform ?? '';
    const image = { platform, annotations: readAnnotations(new Map(), platform), frontendConfig: result?.configJson ?? '', layers: files?.kind === 'layers' ? files.layers : [], predicates: [] };
    const epochNs = options.epochSeconds === undefined ? undefined : BigInt(options.epochSeconds) * 1_000_000_000n;
    const response = await build.progress.around('exporting to image', (vertex) => exportImage({ images: [image], names: request.names }, { engine: ports.engine, time: { nowNs: ports.clock.nowNs(), epochNs }, hash: ports.hash }, vertex));
    id = response.get('containerimage.config.digest');
  });
  done.catch(() => undefined);
  let isUnderWay = false;
  for await (const update of build.progress.follow(request.signal)) {
    for (const text of log.read(update)) yield { kind: 'stream', text };
    if (log.isUnderWay && !isUnderWay) yield { kind: 'begun' };
    isUnderWay = log.isUnderWay;
  }
  await done.catch((thrown: unknown) => { throw asClassic(thrown); });
  for (const text of log.end()) yield { kind: 'stream', text };
  request.signal.removeEventListener('abort', stop);
  yield { kind: 'explained', steps: build.reasons };
  if (id === undefined) return;
  yield { kind: 'result', id };
  yield { kind: 'stream', text: `Successfully built ${id.slice('sha256:'.length, 'sha256:'.length + 12)}\n` };
  for (const name of request.names) yield { kind: 'stream', text: `Successfully tagged ${familiar(name)}\n` };
}

/** A command that failed, in the words of Docker's first builder, with its exit code: clients look for both. */
export class ClassicCommandError extends GantryError {
  readonly exitCode: number;

  constructor({ args, exitCode }: ProcessError, cause: unknown) {
    super('invalid', `The command '${args.join(' ')}' returned a non-zero code: ${exitCode}`, { cause });
    this.exitCode = exitCode;
  }
}

function asClassic(thrown: unknown): unknown {
  for (let cause = thrown; cause instanceof Error; cause = cause.cause) if (cause instanceof ProcessError) return new ClassicCommandError(cause, thrown);
  return thrown;
}

/** `docker.io/library/x:1` as people write it. */
function familiar(name: string): string {
  const short = name.replace(/^docker\.io\/(library\/)?/, '');
  return /:[^/]*$/.test(short) || short.includes('@') ? short : `${short}:latest`;
}
