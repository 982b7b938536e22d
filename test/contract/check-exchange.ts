import { checkValue, type Fault } from './check-value.ts';
import { findOperation, type Description, type Operation } from './description.ts';

/** A request and what was answered. */
export interface Exchanged {
  readonly method: string;
  readonly target: string;
  readonly status: number;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly body: Uint8Array;
  /** The client went before the answer had come in full. */
  readonly isCut?: boolean;
}

export interface Checked {
  /** Title of the operation; undefined for what the description does not know. */
  readonly operation: string | undefined;
  readonly status: number;
  readonly faults: readonly Fault[];
}

/** Answers that never have a body. */
const BODILESS = new Set([101, 204, 304]);

export function checkExchange(description: Description, exchanged: Exchanged): Checked {
  const { method, target, status } = exchanged;
  const operation = findOperation(description, method, target);
  if (operation === undefined) return { operation: undefined, status, faults: [] };
  const response = operation.responses[status];
  const faults = response === undefined ? undescribed(description, exchanged) : [
    ...checkType(operation, exchanged),
    ...(response.schema === undefined || method === 'HEAD' ? [] : checkBody(description, response.schema, exchanged)),
    ...Object.keys(response.headers ?? {}).filter((name) => exchanged.headers[name.toLowerCase()] === undefined).map((name) => ({ place: `header ${name}`, message: 'is missing' })),
  ];
  return { operation: operation.title, status, faults: [...faults, ...checkFrame(exchanged)] };
}

/** A status that the description leaves out must at least be an error as all errors are. */
function undescribed(description: Description, exchanged: Exchanged): Fault[] {
  const isError = exchanged.status >= 400 && exchanged.method !== 'HEAD';
  return [{ place: 'status', message: `${exchanged.status} is not described` }, ...(isError ? checkBody(description, { $ref: '#/definitions/ErrorResponse' }, exchanged) : [])];
}

function checkType(operation: Operation, { status, headers, method, body }: Exchanged): Fault[] {
  const type = headers['content-type']?.split(';')[0];
  if (BODILESS.has(status) || (type === undefined && (method === 'HEAD' || body.length === 0))) return [];
  const allowed = status >= 400 ? ['application/json'] : operation.produces;
  return type !== undefined && allowed.includes(type) ? [] : [{ place: 'header Content-Type', message: `is ${type}, not ${allowed.join(' or ')}` }];
}

function checkFrame({ status, method, body, headers }: Exchanged): Fault[] {
  const faults: Fault[] = [];
  if ((BODILESS.has(status) && status !== 101 || method === 'HEAD') && body.length > 0) faults.push({ place: 'body', message: `is there with status ${status}` });
  if (headers['api-version'] === undefined && status !== 101) faults.push({ place: 'header Api-Version', message: 'is missing' });
  return faults;
}

function checkBody({ definitions }: Description, schema: Parameters<typeof checkValue>[0], { headers, body, isCut = false }: Exchanged): Fault[] {
  const text = new TextDecoder().decode(body);
  if (headers['content-type']?.startsWith('application/json') !== true) {
    return schema.type === 'string' ? [] : [{ place: 'body', message: `is ${headers['content-type']}, not JSON` }];
  }
  const values = readValues(text, isCut);
  if (values === undefined) return [{ place: 'body', message: `is no JSON: ${JSON.stringify(text.slice(0, 80))}` }];
  return values.flatMap((value) => checkValue(schema, value, definitions));
}

/** One JSON value, or one on each line where an answer is a stream. */
function readValues(text: string, isCut: boolean): unknown[] | undefined {
  try {
    return [JSON.parse(text)];
  } catch {
    // A stream, then.
  }
  try {
    const lines = text.split('\n');
    if (isCut) lines.pop();
    return lines.filter((line) => line.trim() !== '').map((line) => JSON.parse(line) as unknown);
  } catch {
    return undefined;
  }
}
