import { Environment, Optional, type ASTNode } from '@marcbachmann/cel-js';
import type { CustomSchema } from './custom-schema.ts';
import { withAuthorizer } from './expression-authorizer.ts';
import { withNetwork } from './expression-network.ts';
import { withObjectLiterals, withPatchKeys } from './expression-objects.ts';
import { withFormats } from './expression-formats.ts';
import { withSets } from './expression-sets.ts';
import { withVersions } from './expression-semver.ts';
import { withQuantities } from './expression-quantity.ts';
import { withTexts } from './expression-text.ts';
import { ExpressionTypes } from './expression-types.ts';
import { withKeys, withTwoVariables } from './expression-two-variables.ts';
import type { ValueMaker } from './expression-values.ts';
import { findAll } from './pattern-search.ts';
import { patternOf } from './value-validation.ts';

const OPTIONS = { enableOptionalTypes: true, homogeneousAggregateLiterals: false, limits: { maxAstNodes: 2000, maxDepth: 50 } } as const;
const LONGEST = 10_000;

/** An expression that can be asked. */
export interface Expression {
  readonly ast: ASTNode;
  readonly usesOld: boolean;
  /** @throws where it comes upon what is not there */
  run(variables: { readonly self: unknown; readonly oldSelf?: unknown }): unknown;
}

/** Why a text is no expression of the wanted type. */
export class ExpressionFault {
  readonly message: string;

  constructor(message: string) {
    this.message = message;
  }
}

/** What runs expressions: it asks no types, for the schema has had its word on the value by then. */
const running = runningWith('dyn');
const runningFromNothing = runningWith('optional<dyn>');

function runningWith(old: string): Environment {
  return withFunctions(new Environment(OPTIONS)).registerVariable('self', 'dyn').registerVariable('oldSelf', old);
}

export const makeValues: ValueMaker = { duration: (nanoseconds) => durations.evaluate(`duration("${nanoseconds}ns")`) };
const durations = new Environment();

export interface ExpressionPlace {
  readonly schema: CustomSchema;
  /** The type of a whole object, with its own kind and metadata. */
  readonly isWhole: boolean;
  /** What was there before may be nothing: `oldSelf` is an optional value. */
  readonly fromNothing: boolean;
}

/** What a policy may speak of (kubernetes.io, "Validating Admission Policy"). */
const POLICY_NAMES = ['object', 'oldObject', 'request', 'params', 'namespaceObject', 'variables'] as const;
export type PolicyVariables = Readonly<Record<(typeof POLICY_NAMES)[number] | 'authorizer', unknown>>;

export interface PolicyExpression {
  readonly ast: ASTNode;
  /** @throws where it comes upon what is not there */
  run(variables: PolicyVariables): unknown;
}

const policies = POLICY_NAMES.reduce((environment, name) => environment.registerVariable(name, 'dyn'), withPatchKeys(withAuthorizer(withFunctions(new Environment(OPTIONS)))));

/** @param type what it has to answer; undefined: anything @param makesObjects whether it may have literals of `Object` and `JSONPatch` */
export function compilePolicyExpression(text: string, type: string | undefined, makesObjects = false): PolicyExpression | ExpressionFault {
  if (text.trim() === '') return new ExpressionFault('expression is not specified');
  if (text.length > LONGEST) return new ExpressionFault(`compilation failed: the expression is longer than ${LONGEST} characters`);
  try {
    const parsed = policies.parse(withLinearMatches(withLoops(makesObjects ? withObjectLiterals(text) : text)));
    const answered = parsed.check();
    if (!answered.valid) return new ExpressionFault(`compilation failed: ${oneLine(answered.error)}`);
    if (type !== undefined && answered.type !== type && answered.type !== 'dyn') return new ExpressionFault(`must evaluate to ${type}`);
    return { ast: parsed.ast, run: (variables) => parsed(variables) };
  } catch (thrown) {
    return new ExpressionFault(`compilation failed: ${oneLine(thrown)}`);
  }
}

/** What of a policy's expression does not go with the type of what it is asked about; undefined: nothing. */
export function policyTypeFault(text: string, schema: CustomSchema): string | undefined {
  try {
    const environment = POLICY_NAMES.filter((name) => name !== 'object' && name !== 'oldObject').reduce((all, name) => all.registerVariable(name, 'dyn'), withAuthorizer(withFunctions(new Environment(OPTIONS))));
    const name = new ExpressionTypes(environment).of(schema);
    const answered = environment.registerVariable('object', name).registerVariable('oldObject', name).check(withLinearMatches(withLoops(text)));
    return answered.valid ? undefined : oneLine(answered.error);
  } catch (thrown) {
    return oneLine(thrown);
  }
}

/** @param type what it has to answer: `bool`, `string` */
export function compileExpression(text: string, type: string, place: ExpressionPlace): Expression | ExpressionFault {
  if (text.trim() === '') return new ExpressionFault('rule is not specified');
  if (text.length > LONGEST) return new ExpressionFault(`compilation failed: the expression is longer than ${LONGEST} characters`);
  try {
    const source = withLinearMatches(withLoops(text));
    const parsed = (place.fromNothing ? runningFromNothing : running).parse(source);
    const isTyped = checkTypes(source, type, place);
    if (isTyped !== undefined) return isTyped;
    const answered = parsed.check();
    if (!answered.valid) return new ExpressionFault(`compilation failed: ${oneLine(answered.error)}`);
    const { fromNothing } = place;
    return {
      ast: parsed.ast, usesOld: /\boldSelf\b/.test(text),
      run: ({ self, oldSelf }) => parsed({ self, ...(fromNothing ? { oldSelf: oldSelf === undefined ? Optional.none() : Optional.of(oldSelf) } : oldSelf === undefined ? {} : { oldSelf }) }),
    };
  } catch (thrown) {
    return new ExpressionFault(`compilation failed: ${oneLine(thrown)}`);
  }
}

function checkTypes(source: string, type: string, { schema, isWhole, fromNothing }: ExpressionPlace): ExpressionFault | undefined {
  const environment = withFunctions(new Environment(OPTIONS));
  const name = new ExpressionTypes(environment).of(schema, isWhole);
  const answered = environment.registerVariable('self', name).registerVariable('oldSelf', fromNothing ? 'optional<dyn>' : name).check(source);
  if (!answered.valid) return new ExpressionFault(`compilation failed: ${oneLine(answered.error)}`);
  return answered.type === type || answered.type === 'dyn' ? undefined : new ExpressionFault(`must evaluate to a ${type}`);
}

/** Their first line: the others show the source. */
function oneLine(thrown: unknown): string {
  return (thrown instanceof Error ? thrown.message : String(thrown)).split('\n', 1)[0] ?? '';
}

const withLoops = (text: string): string => withTwoVariables(text, (source) => running.parse(source).ast);

/** The parser's own `matches` are regular expressions of JavaScript, which can be made to take for ever. */
function withLinearMatches(text: string): string {
  const places: number[] = [];
  find(running.parse(text).ast, (name, receiver) => {
    if (name === 'matches') places.push(text.indexOf('matches', receiver.end));
  });
  return places.toSorted((a, b) => b - a).reduce((source, at) => `${source.slice(0, at)}re2Matches${source.slice(at + 'matches'.length)}`, text);
}

function find(value: unknown, visit: (name: string, receiver: ASTNode) => void): void {
  if (Array.isArray(value)) for (const each of value) find(each, visit);
  if (value === null || typeof value !== 'object' || !('op' in value) || !('args' in value)) return;
  if (value.op === 'rcall') {
    const [name, receiver] = value.args as [string, ASTNode];
    visit(name, receiver);
  }
  find(value.args, visit);
}

/** The functions that Kubernetes adds to the language. */
function withFunctions(bare: Environment): Environment {
  const environment = withKeys(withSets(withFormats(withVersions(withNetwork(withQuantities(withTexts(bare)))))));
  const order = (a: unknown, b: unknown): number => ((a as number) < (b as number) ? -1 : (a as number) > (b as number) ? 1 : 0);
  return environment
    .registerFunction('string.re2Matches(string): bool', (text: string, pattern: string) => patternOf(pattern).test(text))
    .registerFunction('string.find(string): string', (text: string, pattern: string) => findAll(patternOf(pattern), text, 1)[0] ?? '')
    .registerFunction('string.findAll(string): list<string>', (text: string, pattern: string) => findAll(patternOf(pattern), text, Number.POSITIVE_INFINITY))
    .registerFunction('string.findAll(string, int): list<string>', (text: string, pattern: string, most: bigint) => findAll(patternOf(pattern), text, most < 0n ? Number.POSITIVE_INFINITY : Number(most)))
    .registerFunction('list<dyn>.isSorted(): bool', (list: readonly unknown[]) => list.every((each, index) => index === 0 || order(list[index - 1], each) <= 0))
    .registerFunction('list<dyn>.sum(): dyn', (list: readonly unknown[]) => list.reduce((total, each) => (total as number) + (each as number), typeof list[0] === 'number' ? 0 : 0n))
    .registerFunction('list<dyn>.min(): dyn', (list: readonly unknown[]) => list.toSorted(order)[0])
    .registerFunction('list<dyn>.max(): dyn', (list: readonly unknown[]) => list.toSorted(order).at(-1))
    .registerFunction('list<dyn>.indexOf(dyn): int', (list: readonly unknown[], item: unknown) => BigInt(list.indexOf(item)))
    .registerFunction('list<dyn>.lastIndexOf(dyn): int', (list: readonly unknown[], item: unknown) => BigInt(list.lastIndexOf(item)));
}
