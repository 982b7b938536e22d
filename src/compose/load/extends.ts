import { mergeService } from './merge.ts';
import { dropCleared, type FileModel } from './file-model.ts';
import { problem, type Path } from '../value/places.ts';
import { isMapping, stringAt, typeName, type Mapping, type Value } from '../value/value.ts';

/** The services of another file, in long form and with paths made relative to where the project is. */
export type LoadBase = (file: string, path: Path) => FileModel;

/** One service on the way from the first that extends to the last that is extended. */
interface Step {
  readonly file: string;
  readonly service: string;
}

/** The file's model with each service laid over the one that it extends. */
export function applyExtends(model: FileModel, file: string, load: LoadBase): Mapping {
  const services = model.value.get('services');
  if (services === undefined) return model.value;
  if (!isMapping(services)) throw problem(['services'], `must be a mapping, not ${typeName(services)}`, 'write a service name, a colon, and its attributes below it');
  const extended: Mapping = new Map([...services].map(([name]) => [name, extendService(name, services, { file, load, cleared: model.cleared, trail: [] })]));
  return new Map(model.value).set('services', extended);
}

interface Surroundings {
  readonly file: string;
  readonly load: LoadBase;
  /** What `!reset` and `!override` of the file of the service clear in what it extends. */
  readonly cleared: readonly Path[];
  readonly trail: readonly Step[];
}

function extendService(name: string, services: Mapping, { file, load, cleared, trail }: Surroundings): Value {
  const path = ['services', name];
  const service = services.get(name) ?? null;
  if (service === null) return null;
  if (!isMapping(service)) throw problem(path, `must be a mapping, not ${typeName(service)}`, 'indent the attributes of the service below its name');
  const extending = service.get('extends');
  if (extending === undefined) return service;
  const { base, from } = referenceOf(extending, path);
  const other = from === undefined ? undefined : load(from, [...path, 'extends', 'file']);
  const bases = other === undefined ? services : servicesOf(other, name, from as string);
  if (!bases.has(base)) {
    const where = from === undefined ? file : from;
    throw problem([...path, 'extends'], `cannot extend service "${name}" in ${file}: service "${base}" not found${from === undefined ? '' : ` in ${where}`}`, `services there: ${[...bases.keys()].join(', ')}`);
  }
  const steps = withStep(trail, { file: from ?? file, service: name }, path);
  const resolved = extendService(base, bases, { file: from ?? file, load, cleared: other?.cleared ?? [], trail: steps });
  if (!isMapping(resolved)) return service;
  const kept = dropCleared(new Map<string, Value>([['services', new Map<string, Value>([[name, resolved]])]]), cleared);
  const source = (kept.get('services') as Mapping).get(name);
  const merged = mergeService(isMapping(source) ? source : new Map(), service, name);
  merged.delete('extends');
  return merged;
}

function referenceOf(extending: Value, path: Path): { readonly base: string; readonly from: string | undefined } {
  if (typeof extending === 'string') return { base: extending, from: undefined };
  const base = stringAt(extending, 'service');
  if (base === undefined) throw problem([...path, 'extends'], 'service is required', 'write extends: {service: NAME, file: FILE}');
  return { base, from: stringAt(extending, 'file') };
}

function servicesOf({ value }: FileModel, name: string, file: string): Mapping {
  const services = value.get('services');
  if (!isMapping(services)) throw problem(['services', name, 'extends'], `cannot extend service "${name}" in ${file}: no services section`);
  return services;
}

function withStep(trail: readonly Step[], step: Step, path: Path): readonly Step[] {
  const known = trail.some(({ file, service }) => file === step.file && service === step.service);
  if (!known) return [...trail, step];
  const [first, ...rest] = [...trail, step];
  const lines = rest.map(({ file, service }) => `  extends ${service} in ${file}`);
  throw problem([...path, 'extends'], `Circular reference:\n  ${first?.service} in ${first?.file}\n${lines.join('\n')}`, 'one of these services must not extend');
}
