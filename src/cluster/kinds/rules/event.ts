import type { Json } from '#base/json.ts';
import { invalidValue, notSupported, required, tooLong, type FieldFault, type KindRules } from '../kind-rules.ts';
import type { KubeObject } from '../object.ts';
import { column, count, NAME, wide } from './_columns.ts';
import { numberAt, textAt, valueAt } from './_fields.ts';
import { since } from './_human-duration.ts';

/** `v1` and `events.k8s.io/v1` name the same things differently. */
const either = (event: KubeObject, ...paths: readonly (readonly string[])[]): string => paths.map((path) => textAt(event, ...path)).find((text) => text !== '') ?? '';
const aboutPath = (event: KubeObject): string => (textAt(event, 'regarding', 'kind') === '' ? 'involvedObject' : 'regarding');
const lastTime = (event: KubeObject): string => either(event, ['series', 'lastObservedTime'], ['lastTimestamp'], ['deprecatedLastTimestamp'], ['eventTime'], ['firstTimestamp']);
const firstTime = (event: KubeObject): string => either(event, ['eventTime'], ['firstTimestamp'], ['deprecatedFirstTimestamp']);
const times = (event: KubeObject): number => numberAt(event, 'series', 'count') || numberAt(event, 'count') || numberAt(event, 'deprecatedCount') || 1;

const COLUMNS: NonNullable<KindRules['columns']> = [
  column('Last Seen', 'How long ago', (event, nowMs) => since(lastTime(event), nowMs)),
  column('Type', 'Normal or a warning', (event) => textAt(event, 'type')),
  column('Reason', 'What happened, in one word', (event) => textAt(event, 'reason')),
  column('Object', 'To what', (event) => `${textAt(event, aboutPath(event), 'kind').toLowerCase()}/${textAt(event, aboutPath(event), 'name')}`),
  wide(column('Subobject', 'To which part of it', (event) => textAt(event, aboutPath(event), 'fieldPath'))),
  wide(column('Source', 'Who tells it', (event) => [either(event, ['source', 'component'], ['deprecatedSource', 'component'], ['reportingComponent'], ['reportingController']), either(event, ['source', 'host'], ['deprecatedSource', 'host'], ['reportingInstance'])].filter((part) => part !== '').join(', '))),
  column('Message', 'What happened', (event) => either(event, ['message'], ['note']).trim()),
  wide(column('First Seen', 'How long ago it was told first', (event, nowMs) => since(firstTime(event), nowMs))),
  wide(count('Count', 'How often', times)),
  wide(NAME),
];

export const eventRules: KindRules = { columns: COLUMNS };

const LONGEST_NOTE = 1024;
const LONGEST_NAME = 128;
const TYPES = ['Normal', 'Warning'];

/** What is made in the new group has to be whole; what changes later are the series and metadata (pkg/apis/core/validation/events.go). */
export const newEventRules: KindRules = {
  columns: COLUMNS,
  validate: (event, old) => (old !== undefined ? [] : [
    ...(textAt(event, 'eventTime') === '' ? [required('eventTime')] : []),
    ...(['reportingController', 'reportingInstance', 'action', 'reason'] as const).flatMap((field): readonly FieldFault[] => {
      const text = textAt(event, field);
      return text === '' ? [required(field)] : text.length > LONGEST_NAME ? [tooLong(field, LONGEST_NAME)] : [];
    }),
    ...(textAt(event, 'note').length > LONGEST_NOTE ? [tooLong('note', LONGEST_NOTE)] : []),
    ...(TYPES.includes(textAt(event, 'type')) ? [] : [notSupported('type', textAt(event, 'type'), TYPES)]),
    ...(['deprecatedSource', 'deprecatedFirstTimestamp', 'deprecatedLastTimestamp', 'deprecatedCount'] as const).flatMap((field) => (isSaid(valueAt(event, field)) ? [invalidValue(field, '', 'needs to be unset')] : [])),
  ]),
};

function isSaid(value: Json | undefined): boolean {
  return value !== undefined && value !== null && value !== 0 && !(typeof value === 'object' && Object.values(value).every((each) => each === ''));
}
