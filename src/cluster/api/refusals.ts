import type { ResourceDefinition } from '#cluster/kinds/resource-definition.ts';
import { StatusError, type Cause } from './status.ts';

type Subject = Pick<ResourceDefinition, 'group' | 'plural' | 'kind'>;

const qualified = ({ group, plural }: Subject): string => group === '' ? plural : `${plural}.${group}`;
const qualifiedKind = ({ group, kind }: Subject): string => group === '' ? kind : `${kind}.${group}`;
const about = (of: Subject, name: string): { name: string; group: string; resource: string } => ({ name, group: of.group, resource: of.plural });

// The words are upstream's (apimachinery, pkg/api/errors): clients and people match them.

export function notFound(of: Subject, name: string): StatusError {
  return new StatusError('not-found', `${qualified(of)} "${name}" not found`, about(of, name));
}

export function alreadyExists(of: Subject, name: string): StatusError {
  return new StatusError('conflict', `${qualified(of)} "${name}" already exists`, { ...about(of, name), reason: 'AlreadyExists' });
}

export function modified(of: Subject, name: string): StatusError {
  return new StatusError('conflict', `Operation cannot be fulfilled on ${qualified(of)} "${name}": the object has been modified; please apply your changes to the latest version and try again`, about(of, name));
}

export function preconditionFailed(of: Subject, name: string, what: string): StatusError {
  return new StatusError('conflict', `Operation cannot be fulfilled on ${qualified(of)} "${name}": Precondition failed: ${what}`, about(of, name));
}

export function invalid(of: Subject, name: string, causes: readonly Cause[]): StatusError {
  const texts = causes.map(({ field, message }) => field === undefined ? message : `${field}: ${message}`);
  const list = texts.length === 1 ? texts[0] : `[${texts.join(', ')}]`;
  return new StatusError('invalid', `${qualifiedKind(of)} "${name}" is invalid: ${list}`, { name, group: of.group, resource: of.kind, code: 422, reason: 'Invalid', causes });
}

export function badRequest(message: string): StatusError {
  return new StatusError('invalid', message);
}

export function forbidden(of: Subject, name: string, why: string, causes?: readonly Cause[]): StatusError {
  return new StatusError('forbidden', `${qualified(of)}${name === '' ? '' : ` "${name}"`} is forbidden: ${why}`, { ...about(of, name), ...(causes === undefined ? {} : { causes }) });
}

export function expired(message: string): StatusError {
  return new StatusError('conflict', message, { code: 410, reason: 'Expired' });
}

export function methodNotSupported(of: Subject, action: string): StatusError {
  return new StatusError('invalid', `${action} is not supported on resources of kind "${qualified(of)}"`, { code: 405, reason: 'MethodNotAllowed', group: of.group, resource: of.plural });
}
