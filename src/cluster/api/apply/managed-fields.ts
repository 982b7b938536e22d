import type { Json, JsonObject } from '#base/json.ts';
import { badRequest } from '../refusals.ts';
import { FieldSet } from './field-set.ts';

export type Operation = 'Apply' | 'Update';

/** Who owns fields: an applier whatever the version it applies in, an updater in each version. */
export interface ManagerId {
  readonly manager: string;
  readonly operation: Operation;
  readonly apiVersion: string;
  /** `status` and the like; empty for the object itself. */
  readonly subresource: string;
}

export interface ManagerEntry extends ManagerId {
  /** RFC 3339, whole seconds. */
  readonly time: string | undefined;
  readonly fields: FieldSet;
}

/** `metadata.managedFields`, by what makes an entry the same. */
export type Managers = ReadonlyMap<string, ManagerEntry>;

export function keyOf({ manager, operation, apiVersion, subresource }: ManagerId): string {
  return JSON.stringify([operation, manager, operation === 'Apply' ? '' : apiVersion, subresource]);
}

/** @throws StatusError invalid for what are no managed fields */
export function parseManagers(list: readonly JsonObject[] | undefined): Managers {
  const managers = new Map<string, ManagerEntry>();
  for (const [index, entry] of (list ?? []).entries()) {
    const { operation, apiVersion, fieldsType } = entry;
    if (operation !== 'Apply' && operation !== 'Update') throw badRequest('operation must be `Apply` or `Update`');
    if (typeof apiVersion !== 'string' || apiVersion === '') throw badRequest('apiVersion must not be empty');
    if (fieldsType !== 'FieldsV1') throw badRequest(fieldsType === undefined || fieldsType === '' ? `missing fieldsType in managed fields entry ${index}` : `invalid fieldsType ${JSON.stringify(fieldsType)} in managed fields entry ${index}`);
    const parsed: ManagerEntry = {
      manager: textOf(entry['manager']), operation, apiVersion, subresource: textOf(entry['subresource']),
      time: entry['time'] === undefined ? undefined : textOf(entry['time']), fields: FieldSet.parse(entry['fieldsV1']),
    };
    managers.set(keyOf(parsed), parsed);
  }
  return managers;
}

function textOf(value: Json | undefined): string {
  return typeof value === 'string' ? value : '';
}

/** As upstream writes them: appliers first, then by time, name, version and subresource. */
export function printManagers(managers: Managers): readonly JsonObject[] {
  return [...managers.values()].sort(byRank).map(({ manager, operation, apiVersion, time, fields, subresource }) => ({
    manager, operation, apiVersion, ...(time === undefined ? {} : { time }), fieldsType: 'FieldsV1', fieldsV1: fields.toJson(), ...(subresource === '' ? {} : { subresource }),
  }));
}

function byRank(left: ManagerEntry, right: ManagerEntry): number {
  const key = ({ operation, time = '', manager, apiVersion, subresource }: ManagerEntry): readonly string[] => [operation, time, manager, apiVersion, subresource];
  const [a, b] = [key(left), key(right)];
  const at = a.findIndex((text, place) => text !== b[place]);
  return at < 0 ? 0 : (a[at] as string) < (b[at] as string) ? -1 : 1;
}

/** Clients reset what is tracked with one empty entry, or none. */
export function isReset(list: readonly JsonObject[] | undefined): boolean {
  return list !== undefined && (list.length === 0 || (list.length === 1 && Object.keys(list[0] as JsonObject).length === 0));
}

/** How a conflict names an owner: `"kubectl" with subresource "status" using apps/v1`. */
export function describeManager({ manager, operation, apiVersion, subresource }: ManagerEntry): string {
  return `${JSON.stringify(manager)}${subresource === '' ? '' : ` with subresource ${JSON.stringify(subresource)}`}${operation === 'Update' ? ` using ${apiVersion}` : ''}`;
}
