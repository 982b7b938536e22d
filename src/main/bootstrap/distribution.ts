import { GantryError } from '#base/error.ts';

/** A release to make a base image of, as `debian:12`, `debian:bookworm` or `ubuntu:24.04` names it. */
export interface Distribution {
  readonly name: 'debian' | 'ubuntu';
  readonly suite: string;
  /** The image's name: `debian:12`. */
  readonly reference: string;
}

const DEBIAN: Readonly<Record<string, string>> = { '11': 'bullseye', '12': 'bookworm', '13': 'trixie', testing: 'testing', unstable: 'sid', stable: 'stable', latest: 'stable' };
const UBUNTU: Readonly<Record<string, string>> = { '22.04': 'jammy', '24.04': 'noble', '26.04': 'resolute', latest: 'noble' };

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
  if (suite === 'sid' || suite === 'testing') return [`deb ${main} ${suite} main`];
  return [`deb ${main} ${suite} main`, `deb ${main} ${suite}-updates main`, `deb ${mirrorOf(hostSources, name, 'security')} ${suite}-security main`];
}

export interface BootstrapRequest {
  readonly distribution: Distribution;
  readonly variant: string;
  readonly include: readonly string[];
  readonly hostSources: string;
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
    request.distribution.suite, '-', ...sourceLines(request.distribution, request.hostSources),
  ];
}
