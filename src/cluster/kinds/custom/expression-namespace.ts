import type { Environment } from '@marcbachmann/cel-js';

/** A name before the dot of functions, as `sets` in `sets.contains(a, b)`: the library has no such names, so it is a constant of a type of its own, which functions are given first. */
export function withNamespace(environment: Environment, name: string, type: string): Environment {
  const Namespace = class {};
  return environment.registerType(type, { ctor: Namespace, fields: {} }).registerConstant(name, type, new Namespace());
}
