import { duplicate, forbidden, tooLong, type KindRules } from '../kind-rules.ts';
import { AGE, count, NAME } from './_columns.ts';
import { objectAt, textOf, valueAt } from './_fields.ts';
import { checkDataKey } from './_name-validation.ts';
import { sameJson } from './_workload-validation.ts';

const MOST_BYTES = 1024 * 1024;

export const configMapRules: KindRules = {
  validate: (map) => {
    const [data, binary] = [objectAt(map, 'data'), objectAt(map, 'binaryData')];
    const size = Object.values(data).reduce<number>((sum, each) => sum + textOf(each).length, 0) + Object.values(binary).reduce<number>((sum, each) => sum + Math.trunc(textOf(each).length * 3 / 4), 0);
    return [
      ...Object.keys(data).flatMap((key) => [...checkDataKey(key, `data[${key}]`), ...(Object.hasOwn(binary, key) ? [duplicate(`data[${key}]`, key)] : [])]),
      ...Object.keys(binary).flatMap((key) => checkDataKey(key, `binaryData[${key}]`)),
      ...(size > MOST_BYTES ? [tooLong('', MOST_BYTES)] : []),
    ];
  },
  validateUpdate: (map, old) => (valueAt(old, 'immutable') !== true ? [] : [
    ...(valueAt(map, 'immutable') === true ? [] : [forbidden('immutable', 'field is immutable when `immutable` is set')]),
    ...['data', 'binaryData'].filter((name) => !sameJson(objectAt(map, name), objectAt(old, name))).map((name) => forbidden(name, 'field is immutable when `immutable` is set')),
  ]),
  columns: [NAME, count('Data', 'Keys in it', (map) => Object.keys(objectAt(map, 'data')).length + Object.keys(objectAt(map, 'binaryData')).length), AGE],
};
