import { forbidden, invalidValue, required, tooLong, type FieldFault, type KindRules } from '../kind-rules.ts';
import { asJson, asObject, type KubeObject } from '../object.ts';
import { AGE, column, count, NAME } from './_columns.ts';
import { objectAt, textAt, textOf, valueAt } from './_fields.ts';
import { checkDataKey } from './_name-validation.ts';
import { fill } from './_pod-defaults.ts';
import { sameJson } from './_workload-validation.ts';

const MOST_BYTES = 1024 * 1024;
/** Keys without which a secret of a type is of no use. */
const NEEDED: Readonly<Record<string, readonly string[]>> = {
  'kubernetes.io/dockercfg': ['.dockercfg'], 'kubernetes.io/dockerconfigjson': ['.dockerconfigjson'], 'kubernetes.io/ssh-auth': ['ssh-privatekey'], 'kubernetes.io/tls': ['tls.crt', 'tls.key'],
};

export const secretRules: KindRules = {
  defaults: (secret) => {
    const { stringData, ...kept } = asJson(secret);
    const texts = Object.entries(objectAt(secret, 'stringData')).map(([key, value]) => [key, base64(textOf(value))] as const);
    const data = texts.length === 0 ? {} : { data: { ...objectAt(secret, 'data'), ...Object.fromEntries(texts) } };
    return asObject(fill({ ...kept, ...(stringData === undefined ? {} : data) }, { type: 'Opaque' }));
  },
  validate,
  validateUpdate: (secret, old) => [
    ...(textAt(secret, 'type') === textAt(old, 'type') ? [] : [invalidValue('type', textAt(secret, 'type'), 'field is immutable')]),
    ...(valueAt(old, 'immutable') === true && !sameJson(objectAt(secret, 'data'), objectAt(old, 'data')) ? [forbidden('data', 'field is immutable when `immutable` is set')] : []),
    ...(valueAt(old, 'immutable') === true && valueAt(secret, 'immutable') !== true ? [forbidden('immutable', 'field is immutable when `immutable` is set')] : []),
  ],
  columns: [NAME, column('Type', 'What it is for', (secret) => textAt(secret, 'type')), count('Data', 'Keys in it', (secret) => Object.keys(objectAt(secret, 'data')).length), AGE],
};

function validate(secret: KubeObject): readonly FieldFault[] {
  const data = objectAt(secret, 'data');
  const size = Object.values(data).reduce<number>((sum, each) => sum + Math.trunc(textOf(each).length * 3 / 4), 0);
  const type = textAt(secret, 'type');
  const needed = Object.hasOwn(NEEDED, type) ? NEEDED[type] as readonly string[] : [];
  return [
    ...Object.keys(data).flatMap((key) => checkDataKey(key, `data[${key}]`)),
    ...Object.entries(data).filter(([, value]) => !/^[A-Za-z0-9+/]*={0,2}$/.test(textOf(value))).map(([key]) => invalidValue(`data[${key}]`, '', 'must be base64')),
    ...(size > MOST_BYTES ? [tooLong('data', MOST_BYTES)] : []),
    ...needed.filter((key) => !Object.hasOwn(data, key)).map((key) => required(`data[${key}]`)),
  ];
}

const DIGITS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';

function base64(text: string): string {
  const bytes = new TextEncoder().encode(text);
  let encoded = '';
  for (let index = 0; index < bytes.length; index += 3) {
    const left = bytes.length - index;
    const bits = ((bytes[index] as number) << 16) | ((bytes[index + 1] ?? 0) << 8) | (bytes[index + 2] ?? 0);
    encoded += (DIGITS[bits >> 18] as string) + (DIGITS[(bits >> 12) & 63] as string) + (left > 1 ? DIGITS[(bits >> 6) & 63] as string : '=') + (left > 2 ? DIGITS[bits & 63] as string : '=');
  }
  return encoded;
}
