import { DockerfileError } from '../dockerfile-error.ts';
import { suggest } from '../suggest.ts';
import { parseGoBoolean } from './_boolean.ts';
import { csvFields } from './_csv.ts';

/** `RUN --device=vendor.com/class=name[,required]`: a device by its CDI name. */
export interface Device {
  readonly name: string;
  readonly isRequired: boolean;
}

export function parseDevice(text: string): Device {
  let name = '';
  let isRequired = false;
  for (const field of csvFields(text, 'devices')) {
    const sign = field.indexOf('=');
    const key = (sign < 0 ? field : field.slice(0, sign)).toLowerCase();
    const value = sign < 0 ? undefined : field.slice(sign + 1);
    if (key === 'required') {
      isRequired = value === undefined || parseGoBoolean(key, value);
    } else if (key === 'name' && value !== undefined) {
      if (name !== '') throw new DockerfileError(`device name already set to ${name}`, { token: field });
      name = value;
    } else if (name === '') {
      name = field;
    } else if (value === undefined) {
      throw new DockerfileError(`invalid field '${field}' must be a key=value pair`, { token: field });
    } else {
      throw new DockerfileError(`unexpected key '${key}' in '${field}'`, { token: field, suggestion: suggest(key, ['name', 'required']) });
    }
  }
  return { name, isRequired };
}
