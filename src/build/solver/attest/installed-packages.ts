import { packageUrl } from '#image/oci/package-url.ts';

/** A file of an image that tells what is installed there. */
export interface ManifestFile {
  /** Without a leading slash. */
  readonly path: string;
  readonly text: string;
}

export interface InstalledPackage {
  readonly name: string;
  readonly version: string;
  readonly url: string;
  /** As the package says it; empty where it doesn't. */
  readonly license: string;
  readonly supplier: string;
  readonly foundIn: string;
}

interface Reader {
  /** Which files, as a regular expression over their paths. */
  readonly files: string;
  readonly read: (file: ManifestFile, distribution: Distribution) => readonly Omit<InstalledPackage, 'foundIn'>[];
}

interface Distribution {
  readonly id: string;
  /** `debian-12`. */
  readonly release: string;
}

const OS_RELEASE = /^(etc|usr\/lib)\/os-release$/;

const READERS: readonly Reader[] = [
  { files: '^var/lib/dpkg/status$|^var/lib/dpkg/status\\.d/[^/]+(?<!\\.md5sums)$', read: ({ text }, distribution) => readDpkg(text, distribution) },
  { files: '^lib/apk/db/installed$', read: ({ text }, distribution) => readApk(text, distribution) },
  { files: '(^|/)node_modules/(@[^/]+/)?[^/]+/package\\.json$', read: ({ text }) => readNpm(text) },
  { files: '\\.dist-info/METADATA$|\\.egg-info(/PKG-INFO)?$', read: ({ text }) => readPython(text) },
];

/** Paths of all files that are needed, as regular expressions. */
export const MANIFEST_PATTERNS: readonly string[] = [OS_RELEASE.source, ...READERS.map(({ files }) => files)];

/** What is installed, by the databases and manifests of package managers, each package once. */
export function installedPackages(files: readonly ManifestFile[]): readonly InstalledPackage[] {
  const distribution = distributionOf(files);
  const found = new Map<string, InstalledPackage>();
  for (const file of files) {
    for (const { files: pattern, read } of READERS) {
      if (!new RegExp(pattern).test(file.path)) continue;
      for (const one of read(file, distribution)) if (!found.has(one.url)) found.set(one.url, { ...one, foundIn: file.path });
    }
  }
  return [...found.values()].sort((left, right) => (left.url < right.url ? -1 : 1));
}

export function distributionOf(files: readonly ManifestFile[]): Distribution {
  const text = files.find(({ path }) => OS_RELEASE.test(path))?.text ?? '';
  const value = (name: string): string => new RegExp(`^${name}="?([^"\\n]*)"?$`, 'm').exec(text)?.[1] ?? '';
  const [id, version] = [value('ID'), value('VERSION_ID')];
  return { id, release: version === '' ? id : `${id}-${version}` };
}

/** deb-control(5): paragraphs of `Name: value`, whose further lines begin with a space. */
function paragraphs(text: string): ReadonlyMap<string, string>[] {
  return text.split(/\n\n+/).filter((paragraph) => paragraph.trim() !== '').map((paragraph) => new Map(paragraph.split('\n').flatMap((line) => {
    const [, name, value = ''] = /^([A-Za-z][A-Za-z0-9-]*):\s*(.*)$/.exec(line) ?? [];
    return name === undefined ? [] : [[name, value] as const];
  })));
}

function readDpkg(text: string, { id, release }: Distribution): Omit<InstalledPackage, 'foundIn'>[] {
  return paragraphs(text).flatMap((fields) => {
    const [name, version, status] = [fields.get('Package'), fields.get('Version'), fields.get('Status') ?? 'install ok installed'];
    if (name === undefined || version === undefined || !status.endsWith(' installed')) return [];
    const url = packageUrl({ type: 'deb', namespace: id === '' ? 'debian' : id, name, version, qualifiers: { arch: fields.get('Architecture') ?? '', distro: release } });
    return [{ name, version, url, license: '', supplier: fields.get('Maintainer') ?? '' }];
  });
}

/** apk's database: paragraphs of `X:value`. */
function readApk(text: string, { id, release }: Distribution): Omit<InstalledPackage, 'foundIn'>[] {
  return text.split(/\n\n+/).flatMap((paragraph) => {
    const value = (letter: string): string => new RegExp(`^${letter}:(.*)$`, 'm').exec(paragraph)?.[1] ?? '';
    const [name, version] = [value('P'), value('V')];
    if (name === '' || version === '') return [];
    return [{ name, version, url: packageUrl({ type: 'apk', namespace: id === '' ? 'alpine' : id, name, version, qualifiers: { arch: value('A'), distro: release } }), license: value('L'), supplier: value('m') }];
  });
}

function readNpm(text: string): Omit<InstalledPackage, 'foundIn'>[] {
  const { name, version, license } = parseObject(text);
  if (typeof name !== 'string' || name === '' || typeof version !== 'string' || version === '') return [];
  const at = name.startsWith('@') ? name.indexOf('/') : -1;
  const url = packageUrl({ type: 'npm', ...(at === -1 ? { name } : { namespace: name.slice(0, at), name: name.slice(at + 1) }), version });
  return [{ name, version, url, license: typeof license === 'string' ? license : '', supplier: '' }];
}

/** Core metadata of Python: headers, then a description. */
function readPython(text: string): Omit<InstalledPackage, 'foundIn'>[] {
  const head = text.split(/\r?\n\r?\n/, 1)[0] ?? '';
  const value = (name: string): string => new RegExp(`^${name}:\\s*(.*)$`, 'm').exec(head)?.[1]?.trim() ?? '';
  const [name, version] = [value('Name'), value('Version')];
  if (name === '' || version === '') return [];
  return [{ name, version, url: packageUrl({ type: 'pypi', name: name.toLowerCase().replaceAll('_', '-'), version }), license: value('License-Expression') || value('License'), supplier: value('Author') }];
}

function parseObject(text: string): Readonly<Record<string, unknown>> {
  try {
    const value = JSON.parse(text) as unknown;
    return typeof value === 'object' && value !== null ? value as Record<string, unknown> : {};
  } catch {
    // A manifest of a test suite may be anything.
    return {};
  }
}
