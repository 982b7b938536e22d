/** What the JSON form of a field is called, or that it is spread into the object that holds it. By `Struct.number`. */
export interface GoTags {
  readonly jsonName: ReadonlyMap<string, string>;
  readonly inline: ReadonlySet<string>;
  /** Pointers: a zero value that is there is not the same as none. */
  readonly pointers: ReadonlySet<string>;
  /** Left out where they are empty, and so not required unless a marker says so (kube-openapi, pkg/generators). */
  readonly omitted: ReadonlySet<string>;
}

export const NO_TAGS: GoTags = { jsonName: new Map(), inline: new Set(), pointers: new Set(), omitted: new Set() };

/** Struct tags of `types.go`: `json:"name,omitempty" protobuf:"bytes,1,opt,name=name"`. The number joins them to the proto. */
export function readGoTags(text: string): GoTags {
  const jsonName = new Map<string, string>();
  const inline = new Set<string>();
  const [pointers, omitted] = [new Set<string>(), new Set<string>()];
  let struct = '';
  for (const line of text.split('\n')) {
    struct = /^type (\w+) struct \{/.exec(line)?.[1] ?? struct;
    const tags = /`(.*)`/.exec(line)?.[1] ?? '';
    const json = /\bjson:"([^"]*)"/.exec(tags)?.[1];
    const number = /\bprotobuf:"\w+,(\d+)/.exec(tags)?.[1];
    if (json === undefined || number === undefined) continue;
    if (/^\s+\w+\s+\*/.test(line)) pointers.add(`${struct}.${number}`);
    const [name = '', ...options] = json.split(',');
    if (options.includes('omitempty')) omitted.add(`${struct}.${number}`);
    if (name !== '' && name !== '-') jsonName.set(`${struct}.${number}`, name);
    else if (options.includes('inline')) inline.add(`${struct}.${number}`);
  }
  return { jsonName, inline, pointers, omitted };
}
