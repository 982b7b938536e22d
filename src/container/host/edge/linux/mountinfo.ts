/** A line of `/proc/PID/mountinfo` (proc_pid_mountinfo(5)). */
export interface MountEntry {
  readonly id: number;
  readonly parent: number;
  /** `major:minor` of the file system. */
  readonly device: string;
  /** The directory of the file system that is mounted; not `/` for binds. */
  readonly root: string;
  readonly target: string;
  readonly options: readonly string[];
  readonly propagation: Propagation;
  readonly type: string;
  readonly source: string;
  readonly superOptions: readonly string[];
}

/** Peer groups; a mount without any is private. */
export interface Propagation {
  readonly shared?: number;
  readonly master?: number;
  readonly unbindable: boolean;
}

/** Lines that do not have the form are left out: a newer kernel may say more, never less. */
export function parseMountinfo(text: string): readonly MountEntry[] {
  return text.split('\n').flatMap((line) => parseLine(line) ?? []);
}

function parseLine(line: string): MountEntry | undefined {
  const fields = line.split(' ');
  // Optional fields of any number end with a lone hyphen.
  const separator = fields.indexOf('-', 6);
  const [id, parent, device, root, target, options] = fields;
  const [type, source, superOptions] = separator < 0 ? [] : fields.slice(separator + 1);
  if (id === undefined || parent === undefined || device === undefined || root === undefined || target === undefined
    || options === undefined || type === undefined || source === undefined || superOptions === undefined) return undefined;
  return {
    id: Number(id),
    parent: Number(parent),
    device,
    root: unescapeOctal(root),
    target: unescapeOctal(target),
    options: options.split(','),
    propagation: parsePropagation(fields.slice(6, separator)),
    type,
    source: unescapeOctal(source),
    superOptions: unescapeOctal(superOptions).split(','),
  };
}

function parsePropagation(tags: readonly string[]): Propagation {
  const group = (name: string): number | undefined => {
    const tag = tags.find((candidate) => candidate.startsWith(`${name}:`));
    return tag === undefined ? undefined : Number(tag.slice(name.length + 1));
  };
  const shared = group('shared');
  const master = group('master');
  return {
    ...(shared === undefined ? {} : { shared }),
    ...(master === undefined ? {} : { master }),
    unbindable: tags.includes('unbindable'),
  };
}

/** The kernel writes space, tab, newline and backslash as three octal digits. Bytes, not characters, so only ASCII. */
function unescapeOctal(text: string): string {
  return text.replace(/\\([0-7]{3})/g, (_, digits: string) => String.fromCharCode(Number.parseInt(digits, 8)));
}
