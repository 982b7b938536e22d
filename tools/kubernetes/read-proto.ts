/** One message of a `generated.proto`, as go-to-protobuf writes them: no nesting, no oneof, no enum. */
export interface ProtoMessage {
  readonly name: string;
  /** Lines of the comment that begin with `+`, without it. */
  readonly markers: readonly string[];
  readonly fields: readonly ProtoField[];
}

export interface ProtoField {
  readonly name: string;
  readonly number: number;
  readonly shape: 'one' | 'list' | 'map';
  /** A scalar's name, a message of the same package, or `.package.Message`. Of a map, its values. */
  readonly type: string;
  readonly markers: readonly string[];
}

export interface ProtoFile {
  readonly package: string;
  readonly messages: readonly ProtoMessage[];
}

const FIELD = /^(?:(optional|repeated)\s+([\w.]+)|map<string,\s*([\w.]+)>)\s+(\w+)\s*=\s*(\d+);$/;

export function readProto(text: string): ProtoFile {
  const messages: ProtoMessage[] = [];
  let packageName = '';
  let markers: string[] = [];
  let open: { name: string; markers: readonly string[]; fields: ProtoField[] } | undefined;
  for (const line of text.split('\n').map((each) => each.trim())) {
    if (line.startsWith('//')) {
      const marker = /^\/\/\s*\+(\S.*)$/.exec(line)?.[1];
      if (marker !== undefined) markers.push(marker);
      continue;
    }
    const start = /^message (\w+) \{$/.exec(line)?.[1];
    const field = FIELD.exec(line);
    if (start !== undefined) open = { name: start, markers, fields: [] };
    else if (line === '}' && open !== undefined) {
      messages.push(open);
      open = undefined;
    } else if (field !== null && open !== undefined) {
      const [, repeated, type, values, name = '', number] = field;
      open.fields.push({ name, number: Number(number), shape: values !== undefined ? 'map' : repeated === 'repeated' ? 'list' : 'one', type: values ?? type ?? '', markers });
    } else if (line.startsWith('package ')) packageName = line.slice('package '.length, -1);
    else if (open !== undefined && line !== '') throw new Error(`${packageName}.${open.name}: a line that is no field: ${line}`);
    markers = [];
  }
  return { package: packageName, messages };
}
