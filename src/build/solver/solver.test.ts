import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import fc from 'fast-check';
import type { TreeSelection } from '#image/snapshot/tree-work.ts';
import type { Step } from './graph.ts';
import { Solver, type CacheRecord, type SolverPorts, type Watcher } from './solver.ts';

/** Results are maps of names to numbers; an operation adds up what it reads. */
type Result = Readonly<Record<string, number>>;
interface Op { readonly name: string; readonly isSource?: boolean; readonly value?: Result; readonly fails?: boolean }

const hash = (text: string): string => createHash('sha256').update(text).digest('hex');
const reads = (name: string): readonly TreeSelection[] => [{ parts: [{ name }], rules: [], follow: true }];
const quiet: Watcher<Op, Result> = { started() {}, completed() {}, failed() {}, kept() {}, log() {} };

type Execute = SolverPorts<Op, Result>['execute'];

class World {
  readonly runs: string[] = [];
  readonly records = new Map<string, CacheRecord<Result>>();
  readonly aliases = new Map<string, string>();
  readonly running = new Map();
  readonly prepared: (readonly [string, readonly Result[]])[] = [];
  atOnce = 0;
  most = 0;

  solver(execute: Execute = (step, inputs) => this.compute(step, inputs)): Solver<Op, Result> {
    return new Solver<Op, Result>(this.ports(execute));
  }

  ports(execute: Execute): SolverPorts<Op, Result> {
    return {
      cache: {
        find: async (key) => this.records.get(this.aliases.get(key) ?? key),
        put: async (record) => void this.records.set(record.key, record),
        alias: async (from, to) => void this.aliases.set(from, to),
      },
      hash, identity: ({ name }) => name, describe: ({ name }) => name, isSource: ({ isSource }) => isSource === true, running: this.running,
      prepare: (step, inputs) => void this.prepared.push([step.op.name, inputs]),
      execute: async (step, inputs, context, coming) => {
        this.atOnce += 1;
        this.most = Math.max(this.most, this.atOnce);
        if (step.op.isSource !== true) this.runs.push(step.op.name);
        try {
          await new Promise((resolve) => setImmediate(resolve));
          return await execute(step, inputs, context, coming);
        } finally {
          this.atOnce -= 1;
        }
      },
      contentKey: async (result, selections) => {
        const names = selections?.flatMap(({ parts }) => parts.map((part) => ('name' in part ? part.name : ''))) ?? Object.keys(result);
        return hash(JSON.stringify(names.map((name) => [name, result[name] ?? null])));
      },
    };
  }

  async compute(step: Step<Op>, inputs: readonly Result[]): Promise<Result> {
    if (step.op.fails === true) throw new TypeError(`${step.op.name} fails`);
    return step.op.value ?? reference(step, inputs);
  }
}

/** What a step is, computed without a solver: the sum of what it reads, as `x`, and a trace of its name as `y`. */
function reference(step: Step<Op>, inputs: readonly Result[]): Result {
  const sum = step.inputs.reduce((total, { reads: selections }, index) => {
    const names = selections?.flatMap(({ parts }) => parts.map((part) => ('name' in part ? part.name : ''))) ?? Object.keys(inputs[index] as Result);
    return total + names.reduce((part, name) => part + ((inputs[index] as Result)[name] ?? 0), 0);
  }, 0);
  return { x: sum % 3, y: step.op.name.length };
}

function evaluate(step: Step<Op>): Result {
  return step.op.value ?? reference(step, step.inputs.map((input) => evaluate(input.step)));
}

const step = (name: string, inputs: readonly Step<Op>['inputs'][number][] = [], more: Partial<Op> & { ignoresCache?: boolean } = {}): Step<Op> => ({ op: { name, ...more }, inputs, ignoresCache: more.ignoresCache ?? false });
const source = (value: Result): Step<Op> => step('context', [], { isSource: true, value });
const never = new AbortController().signal;

/** A graph of steps over one source, as a list of what each reads from which earlier one. */
const graphs = fc.array(fc.array(fc.tuple(fc.nat(), fc.constantFrom('x', 'y', undefined)), { minLength: 1, maxLength: 3 }), { minLength: 1, maxLength: 12 });

function build(shape: readonly (readonly (readonly [number, string | undefined])[])[], context: Result): Step<Op>[] {
  const steps: Step<Op>[] = [source(context)];
  for (const [index, inputs] of shape.entries()) {
    steps.push(step(`s${index}`, inputs.map(([from, name]) => ({ step: steps[from % steps.length] as Step<Op>, ...(name === undefined ? {} : { reads: reads(name) }) }))));
  }
  return steps;
}

test('a build has the results that its steps would have one by one, cached or not', async () => {
  await fc.assert(fc.asyncProperty(graphs, fc.array(fc.record({ x: fc.nat(3), y: fc.nat(3), z: fc.nat(3) }), { minLength: 1, maxLength: 4 }), async (shape, contexts) => {
    const world = new World();
    for (const context of contexts) {
      const target = build(shape, context).at(-1) as Step<Op>;
      assert.deepEqual(await world.solver().solve([target], quiet, never), [evaluate(target)]);
    }
  }), { numRuns: 300 });
});

test('the same build again runs nothing; what no step reads changes nothing', async () => {
  await fc.assert(fc.asyncProperty(graphs, async (shape) => {
    const world = new World();
    const solve = async (context: Result): Promise<unknown> => await world.solver().solve([build([[[0, 'x'] as const], ...shape.map((inputs) => inputs.map(([from, name]) => [from + 1, name] as const))], context).at(-1) as Step<Op>], quiet, never);
    await solve({ x: 1, y: 1, z: 1 });
    const before = world.runs.length;
    await solve({ x: 1, y: 1, z: 1 });
    assert.equal(world.runs.length, before);
  }), { numRuns: 100 });
});

test('no step runs twice in a build, and none that the target does not need', async () => {
  await fc.assert(fc.asyncProperty(graphs, fc.nat(), async (shape, pick) => {
    const world = new World();
    const steps = build(shape, { x: 1 });
    const target = steps[pick % steps.length] as Step<Op>;
    const needed = new Set<string>();
    const visit = (one: Step<Op>): void => { needed.add(one.op.name); one.inputs.forEach((input) => visit(input.step)); };
    visit(target);
    await world.solver().solve([target], quiet, never);
    assert.equal(new Set(world.runs).size, world.runs.length);
    assert.deepEqual(world.runs.filter((name) => !needed.has(name)), []);
  }), { numRuns: 200 });
});

test('concurrent builds share the run of a step', async () => {
  const world = new World();
  const shared = (): Step<Op> => step('slow', [{ step: source({ x: 2 }) }]);
  const results = await Promise.all([1, 2, 3].map(() => world.solver().solve([step('top', [{ step: shared() }])], quiet, never)));
  assert.deepEqual(world.runs, ['slow', 'top']);
  assert.deepEqual(results[0], results[2]);
});

test('independent steps run at once', async () => {
  const world = new World();
  const base = source({ x: 1 });
  await world.solver().solve([step('all', ['a', 'b', 'c', 'd'].map((name) => ({ step: step(name, [{ step: base }]) })))], quiet, never);
  assert.equal(world.most, 4);
});

test('what is read of an input is looked at while others run, and a step knows what others read of it', async () => {
  const world = new World();
  const begun = Promise.withResolvers<void>();
  const told: unknown[] = [];
  const solver = new Solver<Op, Result>({
    ...world.ports(async (step, inputs, { readBy, isUsed }) => {
      told.push([step.op.name, readBy, isUsed]);
      // Ends only when the other input has been looked at.
      if (step.op.name === 'slow') await begun.promise;
      return await world.compute(step, inputs);
    }),
    contentKey: async () => {
      begun.resolve();
      return 'key';
    },
  });
  await solver.solve([step('copy', [{ step: step('slow') }, { step: step('quick'), reads: reads('x') }, { step: step('other'), reads: reads('y') }])], quiet, never);
  assert.deepEqual(told.map((one) => JSON.stringify(one)).sort(), [
    JSON.stringify(['copy', [], false]), JSON.stringify(['quick', [reads('x')], true]), JSON.stringify(['slow', [], true]), JSON.stringify(['other', [reads('y')], true]),
  ].sort());
});

test('what stands on no source that is still coming runs meanwhile; what reads that source is prepared with what is there', async () => {
  const world = new World();
  const arrived = Promise.withResolvers<void>();
  const solver = world.solver(async (one, inputs, _context, coming) => {
    if (one.op.name === 'base') setImmediate(() => setImmediate(arrived.resolve));
    if (one.op.name !== 'context') return await world.compute(one, inputs);
    coming({ x: 7 });
    await arrived.promise;
    return { x: 1 };
  });
  const base = step('base', [{ step: step('found') }]);
  await world.solver().solve([step('found')], quiet, never);
  const context = source({});
  await solver.solve([step('copy', [{ step: base }, { step: context, reads: reads('x') }])], quiet, never);
  assert.deepEqual(world.runs, ['found', 'base', 'copy']);
  assert.deepEqual(world.prepared, [['copy', [{ x: 2, y: 4 }, { x: 7 }]]]);
});

test('a failure of what runs while a source comes ends the build at once, and the source is told to be given up', async () => {
  const world = new World();
  const failed: unknown[] = [];
  const given: AbortSignal[] = [];
  const watcher = { ...quiet, failed: (one: Step<Op>, thrown: unknown) => failed.push([one.op.name, String(thrown)]) };
  const solver = world.solver(async (one, inputs, { signal }) => {
    if (one.op.name !== 'context') return await world.compute(one, inputs);
    given.push(signal);
    return await new Promise((resolve) => signal.addEventListener('abort', () => setImmediate(resolve, { x: 1 })));
  });
  await assert.rejects(solver.solve([step('copy', [{ step: step('run', [], { fails: true }) }, { step: source({}) }])], watcher, never), /run fails/);
  await new Promise((resolve) => setTimeout(resolve, 20));
  assert.ok(given[0]?.aborted);
  assert.deepEqual(failed, [['run', 'TypeError: run fails'], ['context', 'GantryError: the build was given up']]);
});

test('what ran while a source came and is not needed after all is given up', async () => {
  const world = new World();
  const context = source({ x: 1 });
  const top = (): Step<Op> => step('top', [{ step: step('below') }, { step: context }]);
  await world.solver().solve([top()], quiet, never);
  for (const [key, { result }] of world.records) if (result.y === 'below'.length) world.records.delete(key);
  const ended: boolean[] = [];
  const begun = Promise.withResolvers<void>();
  const solver = world.solver(async (one, inputs, { signal }) => {
    if (one.op.name === 'context') await begun.promise;
    if (one.op.name !== 'below') return await world.compute(one, inputs);
    begun.resolve();
    await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));
    ended.push(true);
    throw new TypeError('given up');
  });
  assert.deepEqual(await solver.solve([top()], quiet, never), [evaluate(top())]);
  assert.deepEqual(ended, [true]);
});

test('a step that reads what another brought again the same does not run again', async () => {
  const world = new World();
  const build = (z: number): Step<Op> => step('copy', [{ step: step('make', [{ step: source({ x: 3 * z }) }]), reads: reads('x') }]);
  await world.solver().solve([build(1)], quiet, never);
  await world.solver().solve([build(2)], quiet, never);
  assert.deepEqual(world.runs, ['make', 'copy', 'make']);
});

test('a build whose cache is not to be used runs its steps, and keeps what they bring', async () => {
  const world = new World();
  await world.solver().solve([step('a')], quiet, never);
  await world.solver().solve([step('a', [], { ignoresCache: true })], quiet, never);
  await world.solver().solve([step('a')], quiet, never);
  assert.deepEqual(world.runs, ['a', 'a']);
});

test('what stands on a step that runs anew is made anew, and what reads the same of it is not', async () => {
  const world = new World();
  const build = (ignoresCache: boolean): Step<Op> => {
    const made = step('make', [{ step: source({ x: 3 }) }], { ignoresCache });
    return step('last', [{ step: step('on top', [{ step: made }]) }, { step: step('copy', [{ step: made, reads: reads('x') }]) }]);
  };
  await world.solver().solve([build(false)], quiet, never);
  await world.solver().solve([build(true)], quiet, never);
  assert.deepEqual(world.runs.slice().sort(), ['copy', 'last', 'last', 'make', 'make', 'on top', 'on top']);
  await world.solver().solve([build(false)], quiet, never);
  assert.equal(world.runs.length, 7);
});

test('the first failure ends a build; another build of the same step starts anew', async () => {
  const world = new World();
  const failed: unknown[] = [];
  const watcher = { ...quiet, failed: (_: Step<Op>, thrown: unknown) => failed.push(thrown) };
  await assert.rejects(world.solver().solve([step('b', [{ step: step('a', [], { fails: true }) }])], watcher, never), /a fails/);
  assert.equal(failed.length, 1);
  assert.equal(world.records.size, 0);
  assert.equal(world.running.size, 0);
  assert.deepEqual(await world.solver().solve([step('b', [{ step: step('a') }])], quiet, never), [{ x: 1, y: 1 }]);
});

test('work goes on as long as one build waits for it, and is given up with the last', async () => {
  const world = new World();
  const given: AbortSignal[] = [];
  const begun = Promise.withResolvers<void>();
  const solver = world.solver(async (_step, _inputs, { signal }) => {
    given.push(signal);
    begun.resolve();
    await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));
    throw new TypeError('given up');
  });
  const [first, second] = [new AbortController(), new AbortController()];
  const builds = [solver.solve([step('a')], quiet, first.signal), solver.solve([step('a')], quiet, second.signal)].map((build) => build.catch((thrown: unknown) => String(thrown)));
  await begun.promise;
  first.abort();
  assert.match(await builds[0] as string, /given up/);
  assert.equal(given[0]?.aborted, false);
  second.abort();
  assert.match(await builds[1] as string, /given up/);
  assert.equal(given[0]?.aborted, true);
  assert.equal(given.length, 1);
});
