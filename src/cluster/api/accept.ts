import { StatusError } from './status.ts';

export type Encoding = 'application/json' | 'application/yaml';
export interface Accepted {
  readonly encoding: Encoding;
  /** Another form than the object itself. */
  readonly as: 'Table' | 'PartialObjectMetadata' | 'PartialObjectMetadataList' | 'APIGroupDiscoveryList' | undefined;
}

const FORMS: ReadonlySet<string> = new Set(['Table', 'PartialObjectMetadata', 'PartialObjectMetadataList', 'APIGroupDiscoveryList']);

/** The first of the accepted media types that can be given (RFC 9110, 12.5.1; weights are not looked at, as upstream does not). @param forms that there are of what is answered */
export function negotiate(accept: string, forms = FORMS): Accepted {
  if (accept.trim() === '') return { encoding: 'application/json', as: undefined };
  for (const clause of accept.split(',')) {
    const [type = '', ...parameters] = clause.trim().split(';').map((part) => part.trim());
    const encoding = encodingOf(type.toLowerCase());
    if (encoding === undefined) continue;
    const as = parameters.find((part) => part.startsWith('as='))?.slice('as='.length);
    if (as === undefined) return { encoding, as: undefined };
    if (forms.has(as) && !parameters.includes('v=v1beta1') && !parameters.includes('v=v2beta1')) return { encoding, as: as as Accepted['as'] };
  }
  throw new StatusError('invalid', 'only the following media types are accepted: application/json, application/yaml', { code: 406, reason: 'NotAcceptable' });
}

function encodingOf(type: string): Encoding | undefined {
  if (type === 'application/json' || type === '*/*' || type === 'application/*') return 'application/json';
  return type === 'application/yaml' ? 'application/yaml' : undefined;
}
