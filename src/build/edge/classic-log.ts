import type { ClassicStep } from '../dockerfile/plan/classic-steps.ts';
import type { ActiveBuild } from './active-build.ts';

type Update = Awaited<ReturnType<ReturnType<ActiveBuild['progress']['follow']>['next']>>['value'] & object;

const STDERR = 2;
const [RED, PLAIN] = ['\x1b[91m', '\x1b[0m'];
/** The Dockerfile is not read before these. */
const READING = /^\[internal\] load (build definition|remote build context)/;

/** Progress of steps as the lines of Docker's first builder: `Step 2/5 : RUN make`, what it prints, with errors in red, and whether a cache had it. */
export class ClassicLog {
  readonly #names = new Map<string, string>();
  readonly #told = new Set<string>();
  #steps: readonly ClassicStep[] = [];
  #next = 0;
  #isCached = false;
  #isUnderWay = false;

  /** Before the first of them starts. */
  expect(steps: readonly ClassicStep[]): void {
    this.#steps = steps;
  }

  /** The Dockerfile was fit to be built: what fails from here on fails in the middle. */
  get isUnderWay(): boolean {
    return this.#isUnderWay;
  }

  *read({ vertexes = [], logs = [] }: Update): Generator<string> {
    for (const { digest = '', name = '', cached = false, completed } of vertexes) {
      this.#names.set(digest, name);
      if (!READING.test(name)) this.#isUnderWay = true;
      const at = this.#steps.findIndex(({ title }) => title === name);
      if (at < 0) continue;
      const isNew = !this.#told.has(digest);
      this.#told.add(digest);
      if (isNew) yield* this.#upTo(at, cached);
      if (cached && completed !== undefined) yield ' ---> Using cache\n';
    }
    for (const { vertex = '', stream, msg } of logs) {
      if (msg === undefined || !this.#told.has(vertex)) continue;
      const text = new TextDecoder().decode(msg);
      yield stream === STDERR ? `${RED}${text}${PLAIN}` : text;
    }
  }

  /** What is left when all has gone well: instructions that no step stands for. */
  *end(): Generator<string> {
    yield* this.#upTo(this.#steps.length - 1, this.#isCached);
  }

  *#upTo(last: number, isCached: boolean): Generator<string> {
    this.#isCached = isCached;
    for (; this.#next <= last; this.#next += 1) {
      const { text = '', title } = this.#steps[this.#next] ?? {};
      yield `Step ${this.#next + 1}/${this.#steps.length} : ${text}`;
      yield '\n';
      // A change of the configuration alone is what it was where the next step is.
      if (isCached && title === undefined && !/^from\s/i.test(text)) yield ' ---> Using cache\n';
    }
  }
}
