import type { Environment } from '@marcbachmann/cel-js';
import { textAt } from '../rules/_fields.ts';
import type { CustomSchema } from './custom-schema.ts';
import { escapedName } from './expression-values.ts';

const FORMATS: Readonly<Record<string, string>> = { 'date-time': 'google.protobuf.Timestamp', datetime: 'google.protobuf.Timestamp', date: 'google.protobuf.Timestamp', duration: 'google.protobuf.Duration', byte: 'bytes' };
const SCALARS: Readonly<Record<string, string>> = { integer: 'int', number: 'double', boolean: 'bool' };
const OF_EVERY_OBJECT = { apiVersion: 'string', kind: 'string', metadata: 'ObjectMeta' } as const;

/** Declares the types of a schema, so that an expression which asks for a field that is not there is found before it runs. */
export class ExpressionTypes {
  readonly #environment: Environment;
  readonly #names = new Map<CustomSchema, string>();

  constructor(environment: Environment) {
    this.#environment = environment;
    this.#declare('ObjectMeta', { name: 'string', generateName: 'string' });
  }

  /** @returns the name of the type, `dyn` where anything may be */
  of(schema: CustomSchema | undefined, isWhole = false): string {
    if (schema === undefined || schema.intOrString || schema.nullable) return 'dyn';
    if (schema.type === 'array') return `list<${this.of(schema.items)}>`;
    if (schema.type === 'string') return FORMATS[textAt(schema.raw, 'format')] ?? 'string';
    if (schema.type !== 'object') return SCALARS[schema.type] ?? 'dyn';
    if (schema.properties.size === 0 && schema.additional !== undefined) return `map<string, ${this.of(schema.additional)}>`;
    if (schema.preserves || (schema.properties.size === 0 && !isWhole)) return 'dyn';
    return this.#names.get(schema) ?? this.#object(schema, isWhole || schema.embedded);
  }

  #object(schema: CustomSchema, isWhole: boolean): string {
    const name = `Type${this.#names.size}`;
    this.#names.set(schema, name);
    const fields: Record<string, string> = isWhole ? { ...OF_EVERY_OBJECT } : {};
    for (const [field, each] of schema.properties) {
      const escaped = escapedName(field);
      if (escaped !== undefined && !(isWhole && Object.hasOwn(OF_EVERY_OBJECT, field))) fields[escaped] = this.of(each);
    }
    this.#declare(name, fields);
    return name;
  }

  #declare(name: string, fields: Readonly<Record<string, string>>): void {
    this.#environment.registerType(name, { fields: { ...fields } });
    this.#environment.registerOperator(`${name} == ${name}`, () => true);
    // What is a message may be null (cel-spec, "Gradual Type Checking"), as what was there before a creation is.
    this.#environment.registerOperator(`${name} == null`, () => false);
  }
}
