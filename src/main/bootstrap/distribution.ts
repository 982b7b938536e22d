import { GantryError } from '#base/error.ts';

/** A release to make a base image of, as `debian:12`, `debian:bookworm` or `ubuntu:24.04` names it. */
export interface Distribution {
  readonly name: 'debian' | 'ubuntu';
  readonly suite: string;
  /** The image's name: `debian:12`. */
  readonly reference: string;
}

const DEBIAN: Readonly<Record<string, string>> = {
  '8': 'jessie', '9': 'stretch', '10': 'buster', '11': 'bullseye', '12': 'bookworm', '13': 'trixie', '14': 'forky', testing: 'testing', unstable: 'sid', stable: 'stable',
  oldstable: 'oldstable', latest: 'stable',
};
const UBUNTU: Readonly<Record<string, string>> = {
  '16.04': 'xenial', '18.04': 'bionic', '20.04': 'focal', '22.04': 'jammy', '24.04': 'noble', '24.10': 'oracular', '25.04': 'plucky', '25.10': 'questing', '26.04': 'resolute',
  latest: 'noble', devel: 'devel',
};
/** Moved to the archive of old releases, where nothing is signed anew: its signatures have expired by date. */
const ARCHIVED: readonly string[] = ['jessie', 'stretch', 'buster'];
/** Without updates of their own. */
const ROLLING: readonly string[] = ['sid', 'unstable', 'testing', 'experimental'];

/** @throws GantryError invalid for another distribution, or a release that can't be a suite's name */
export function parseDistribution(text: string): Distribution {
  const [name = '', release = 'latest'] = text.split(':');
  if (name !== 'debian' && name !== 'ubuntu') {
    throw new GantryError('invalid', `${text} can't be bootstrapped: ${name} is no distribution that mmdebstrap knows`, { hint: 'name one such as debian:12 or ubuntu:24.04' });
  }
  const suite = (name === 'debian' ? DEBIAN : UBUNTU)[release] ?? release;
  if (!/^[a-z][a-z-]*$/.test(suite)) throw new GantryError('invalid', `${release} is no release of ${name}`, { hint: 'give its number or its code name, such as debian:12 or debian:bookworm' });
  return { name, suite, reference: `${name}:${release}` };
}

/** Mirrors that the host's own apt uses come first: they are known to be reachable. */
export function mirrorOf(sources: string, name: Distribution['name'], archive: 'main' | 'security'): string {
  const urls = [...sources.matchAll(/https?:\/\/[^\s\]]+/g)].map(([url]) => url.replace(/\/+$/, ''));
  const path = name === 'debian' ? (archive === 'main' ? /\/debian$/ : /\/debian-security$/) : /\/ubuntu$/;
  const comments = /snapshot\./;
  const fallback = name === 'debian' ? (archive === 'main' ? 'http://deb.debian.org/debian' : 'http://deb.debian.org/debian-security') : 'http://archive.ubuntu.com/ubuntu';
  return urls.find((url) => path.test(url) && !comments.test(url)) ?? fallback;
}

/** The lines of sources.list, in the image too. */
export function sourceLines(distribution: Distribution, hostSources: string): readonly string[] {
  const { name, suite } = distribution;
  const main = mirrorOf(hostSources, name, 'main');
  if (name === 'ubuntu') return [`deb ${main} ${suite} main universe`, `deb ${main} ${suite}-updates main universe`, `deb ${main} ${suite}-security main universe`];
  if (ROLLING.includes(suite)) return [`deb ${main} ${suite} main`];
  if (ARCHIVED.includes(suite)) return [`deb http://archive.debian.org/debian ${suite} main`, `deb http://archive.debian.org/debian-security ${suite}/updates main`];
  return [`deb ${main} ${suite} main`, `deb ${main} ${suite}-updates main`, `deb ${mirrorOf(hostSources, name, 'security')} ${suite}-security main`];
}

export interface BootstrapRequest {
  readonly distribution: Distribution;
  readonly variant: string;
  readonly include: readonly string[];
  readonly hostSources: string;
  /** In place of the distribution's servers. */
  readonly mirror?: string;
  /** File of keys that the archive is signed by, in place of those that the host trusts. */
  readonly keyring?: string;
}

/** Documentation and translations are left out, as in the distribution's own images. */
const EXCLUDED = ['/usr/share/doc/*', '/usr/share/man/*', '/usr/share/locale/*', '/usr/share/info/*'];

/** Packages must not start their services while they are installed: in an image there is nobody to run them for. */
const NO_SERVICES = 'printf "#!/bin/sh\\nexit 101\\n" > "$1/usr/sbin/policy-rc.d" && chmod 755 "$1/usr/sbin/policy-rc.d"';

export function bootstrapArguments(request: BootstrapRequest): readonly string[] {
  return [
    `--variant=${request.variant}`, '--mode=root', '--format=tar',
    '--aptopt=APT::Install-Recommends "false"',
    ...EXCLUDED.map((path) => `--dpkgopt=path-exclude=${path}`),
    `--customize-hook=${NO_SERVICES}`,
    ...(request.include.length === 0 ? [] : [`--include=${request.include.join(',')}`]),
    ...(request.keyring === undefined ? [] : [`--keyring=${request.keyring}`]),
    ...(ARCHIVED.includes(request.distribution.suite) ? ['--aptopt=Acquire::Check-Valid-Until "false"'] : []),
    request.distribution.suite, '-', ...(request.mirror === undefined ? sourceLines(request.distribution, request.hostSources) : [`deb ${request.mirror} ${request.distribution.suite} main`]),
  ];
}
