import type { Json } from '#base/json.ts';
import { duplicate, forbidden, invalidValue, required, type FieldFault } from '../kind-rules.ts';
import { isObject } from '../rules/_fields.ts';
import { sameJson } from '../rules/_workload-validation.ts';
import { fieldSchema, itemKey, type CustomSchema, type ExpressionRule } from './custom-schema.ts';
import { expressionCost, scopeOfRule } from './expression-cost.ts';
import { expressionValue } from './expression-values.ts';
import { compileExpression, ExpressionFault, makeValues, type Expression } from './expressions.ts';

/** Steps for all rules of an object: about a tenth of a second. Upstream's limit for one request, in other units. */
const MOST_STEPS = 1_000_000;

interface CompiledRule {
  readonly rule: ExpressionRule;
  readonly expression: Expression;
  readonly message: Expression | undefined;
}

/** The rules of a schema, compiled, each at its place. */
export type CompiledRules = ReadonlyMap<CustomSchema, readonly CompiledRule[]>;

/** Rules that do not compile are left out: the definition has been refused for them. */
export function compileRules(schema: CustomSchema): CompiledRules {
  const compiled = new Map<CustomSchema, readonly CompiledRule[]>();
  const visit = (each: CustomSchema, isWhole: boolean): void => {
    const rules = each.rules.flatMap((rule): CompiledRule[] => {
      const place = { schema: each, isWhole: isWhole || each.embedded, fromNothing: rule.optionalOldSelf };
      const expression = compileExpression(rule.rule, 'bool', place);
      const message = rule.messageExpression === '' ? undefined : compileExpression(rule.messageExpression, 'string', place);
      return expression instanceof ExpressionFault ? [] : [{ rule, expression, message: message instanceof ExpressionFault ? undefined : message }];
    });
    if (rules.length > 0) compiled.set(each, rules);
    for (const child of [...each.properties.values(), each.additional, each.items]) if (child !== undefined) visit(child, false);
  };
  visit(schema, true);
  return compiled;
}

interface Place {
  readonly value: Json;
  readonly schema: CustomSchema;
  readonly path: string;
  /** What stood at the place before; undefined where nothing did, or nobody can tell. */
  readonly old: Json | undefined;
  readonly isWhole: boolean;
}

/** What the rules say of a value that its schema is content with. */
export function checkRules(rules: CompiledRules, value: Json, schema: CustomSchema, old: Json | undefined): readonly FieldFault[] {
  if (rules.size === 0) return [];
  const sizes = new Map<CustomSchema, number>();
  measure(value, schema, sizes);
  const faults: FieldFault[] = [];
  let steps = 0;
  walk({ value, schema, path: '', old, isWhole: true }, (place) => {
    for (const compiled of rules.get(place.schema) ?? []) {
      if (compiled.expression.usesOld && place.old === undefined && !compiled.rule.optionalOldSelf) continue;
      steps += expressionCost(compiled.expression.ast, scopeOfRule(place.schema), (of) => (of === undefined ? largest(sizes) : sizes.get(of) ?? 0));
      if (steps > MOST_STEPS) {
        faults.push(invalidValue(place.path === '' ? '<nil>' : place.path, place.schema.type, 'validation failed due to running out of cost budget, no further validation rules will be run'));
        return false;
      }
      const fault = ask(compiled, place);
      if (fault !== undefined) faults.push(fault);
    }
    return true;
  });
  return faults;
}

const largest = (sizes: ReadonlyMap<CustomSchema, number>): number => Math.max(1, ...sizes.values());

/** How long lists, maps and texts are at most, type by type. */
function measure(value: Json, schema: CustomSchema, sizes: Map<CustomSchema, number>): void {
  const size = typeof value === 'string' || Array.isArray(value) ? value.length : isObject(value) ? Object.keys(value).length : 0;
  sizes.set(schema, Math.max(size, sizes.get(schema) ?? 0));
  for (const [child, type] of childrenOf(value, schema)) measure(child, type, sizes);
}

function childrenOf(value: Json, schema: CustomSchema): readonly (readonly [Json, CustomSchema])[] {
  const { items } = schema;
  if (Array.isArray(value)) return items === undefined ? [] : (value as readonly Json[]).map((item) => [item, items]);
  if (!isObject(value)) return [];
  return Object.entries(value).flatMap(([name, each]) => {
    const field = fieldSchema(schema, name);
    return field === undefined ? [] : [[each ?? null, field] as const];
  });
}

/** @param visit answers whether to go on */
function walk(place: Place, visit: (place: Place) => boolean): boolean {
  const { value, schema, path, old } = place;
  // What has not changed was right, or is let be.
  if (old !== undefined && sameJson(value, old)) return true;
  if (value === null || !visit(place)) return value === null;
  if (Array.isArray(value)) {
    const { items } = schema;
    if (items === undefined) return true;
    const before = new Map(schema.listType === 'map' && Array.isArray(old) ? (old as readonly Json[]).map((item) => [itemKey(schema, item), item] as const) : []);
    return (value as readonly Json[]).every((item, index) => walk({ value: item, schema: items, path: `${path}[${index}]`, old: before.get(itemKey(schema, item)), isWhole: false }, visit));
  }
  if (!isObject(value)) return true;
  return Object.entries(value).every(([name, each]) => {
    const field = fieldSchema(schema, name);
    if (field === undefined) return true;
    const at = schema.properties.has(name) ? `${path}${path === '' ? '' : '.'}${name}` : `${path}[${name}]`;
    return walk({ value: each ?? null, schema: field, path: at, old: isObject(old) && Object.hasOwn(old, name) ? old[name] : undefined, isWhole: false }, visit);
  });
}

function ask({ rule, expression, message }: CompiledRule, { value, schema, path, old }: Place): FieldFault | undefined {
  const at = `${path}${rule.fieldPath.startsWith('.') && path === '' ? rule.fieldPath.slice(1) : rule.fieldPath}`;
  const variables = { self: expressionValue(value, schema, makeValues), ...(old === undefined ? {} : { oldSelf: expressionValue(old, schema, makeValues) }) };
  try {
    if (expression.run(variables) === true) return undefined;
  } catch (thrown) {
    return faultOf(rule, at, schema.type, `${thrown instanceof Error ? thrown.message.split('\n', 1)[0] : String(thrown)} evaluating rule: ${rule.message === '' ? rule.rule : rule.message}`);
  }
  return faultOf(rule, at, schema.type, messageOf(rule, message, variables));
}

function messageOf(rule: ExpressionRule, message: Expression | undefined, variables: { readonly self: unknown }): string {
  const plain = rule.message === '' ? `failed rule: ${rule.rule}` : rule.message;
  if (message === undefined) return plain;
  try {
    const text = message.run(variables);
    return typeof text === 'string' && text.trim() !== '' && !text.includes('\n') ? text : plain;
  } catch {
    return plain;
  }
}

function faultOf({ reason }: ExpressionRule, path: string, type: string, message: string): FieldFault {
  const at = path === '' ? '<nil>' : path;
  switch (reason) {
    case 'FieldValueForbidden': return forbidden(at, message);
    case 'FieldValueRequired': return required(at, message);
    case 'FieldValueDuplicate': return duplicate(at, type);
    default: return invalidValue(at, type, message);
  }
}

