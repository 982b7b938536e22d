import { performServerHandshake, type IncomingHttpHeaders, type ServerHttp2Stream } from 'node:http2';
import type { Duplex } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { SOLVE_REQUEST, STATUS_REQUEST } from '#build/wire/control.ts';
import { decode } from '#build/wire/protobuf.ts';
import { BRIDGE, CONTROL, isOfBuild, type Answer, type RecordedBuild, type Recording } from './recording.ts';
import type { ReplaySession } from './replay-session.ts';

const UNIMPLEMENTED = { 'grpc-status': '12' };
const HEAD_BYTES = 5;

/** Commands answered from a recording: of the daemon's work there is left what it asks of the client. */
export class ReplayControl {
  readonly #recording: Recording;
  /** By the names that the client gives them, in the order in which they are first named. */
  readonly #builds = new Map<string, ReplayBuild>();
  readonly #sessions = new Map<string, PromiseWithResolvers<ReplaySession>>();

  constructor(recording: Recording) {
    this.#recording = recording;
  }

  attach(id: string, session: ReplaySession): void {
    this.#session(id).resolve(session);
  }

  serve(socket: Duplex): void {
    performServerHandshake(socket).on('error', () => socket.destroy()).on('stream', (stream: ServerHttp2Stream, headers: IncomingHttpHeaders) => {
      stream.on('error', () => {});
      void this.#answer(stream, headers);
    });
  }

  async #answer(stream: ServerHttp2Stream, headers: IncomingHttpHeaders): Promise<void> {
    const path = String(headers[':path']);
    const message = (await buffer(stream)).subarray(HEAD_BYTES);
    if (path === `${CONTROL}/Solve`) {
      const { ref, session } = decode(SOLVE_REQUEST, message);
      const build = this.#build(ref);
      await build.solve(async () => await this.#session(session).promise);
      say(stream, build.answer(path));
      build.solved.resolve();
    } else if (path === `${CONTROL}/Status`) {
      const build = this.#build(decode(STATUS_REQUEST, message).ref);
      await build.solved.promise;
      say(stream, build.answer(path));
    } else if (path.startsWith(BRIDGE)) {
      const build = this.#build(String(headers['buildkit-controlapi-buildid']));
      if (path === `${BRIDGE}/Solve`) await build.readFrontend();
      say(stream, build.answer(path));
      if (path === `${BRIDGE}/Return`) build.returned.resolve();
    } else say(stream, isOfBuild(path) ? this.#recording.builds[0]?.answers.get(path)?.[0] : undefined);
  }

  #build(ref: string): ReplayBuild {
    const known = this.#builds.get(ref);
    if (known !== undefined) return known;
    const { builds } = this.#recording;
    const made = new ReplayBuild(builds[this.#builds.size % builds.length] as RecordedBuild);
    this.#builds.set(ref, made);
    return made;
  }

  #session(id: string): PromiseWithResolvers<ReplaySession> {
    const known = this.#sessions.get(id) ?? Promise.withResolvers<ReplaySession>();
    this.#sessions.set(id, known);
    return known;
  }
}

class ReplayBuild {
  readonly returned = Promise.withResolvers<void>();
  readonly solved = Promise.withResolvers<void>();
  readonly #recording: RecordedBuild;
  readonly #session = Promise.withResolvers<() => Promise<ReplaySession>>();
  readonly #counts = new Map<string, number>();
  #hasRead = false;

  constructor(recording: RecordedBuild) {
    this.#recording = recording;
  }

  answer(path: string): Answer | undefined {
    const count = this.#counts.get(path) ?? 0;
    this.#counts.set(path, count + 1);
    const answers = this.#recording.answers.get(path);
    return answers?.[count] ?? answers?.at(-1);
  }

  async solve(session: () => Promise<ReplaySession>): Promise<void> {
    this.#session.resolve(session);
    await this.returned.promise;
    await this.#call(`${CONTROL}/Solve`);
  }

  /** A frontend asks the client for its Dockerfile the first time only. */
  async readFrontend(): Promise<void> {
    if (this.#hasRead) return;
    this.#hasRead = true;
    await this.#call(`${BRIDGE}/Solve`);
  }

  async #call(reason: string): Promise<void> {
    const calls = this.#recording.calls.filter(({ during }) => during === reason);
    if (calls.length === 0) return;
    const session = await (await this.#session.promise)();
    for (const call of calls) await session.call(call);
  }
}

function say(stream: ServerHttp2Stream, answer: Answer | undefined): void {
  if (answer === undefined || answer.body.length === 0) {
    stream.respond({ ':status': 200, 'content-type': 'application/grpc', ...(answer?.trailers ?? UNIMPLEMENTED) }, { endStream: true });
    return;
  }
  stream.respond({ ':status': 200, 'content-type': 'application/grpc' }, { waitForTrailers: true });
  stream.on('wantTrailers', () => stream.sendTrailers({ ...answer.trailers }));
  stream.end(answer.body);
}
