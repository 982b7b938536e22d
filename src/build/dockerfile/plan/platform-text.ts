import type { Platform } from '#image/oci/platform.ts';
import { DockerfileError } from '../dockerfile-error.ts';
import { quote } from '../_quote.ts';

const SYSTEMS: ReadonlySet<string> = new Set([
  'aix', 'android', 'darwin', 'dragonfly', 'freebsd', 'hurd', 'illumos', 'ios', 'js', 'linux', 'nacl', 'netbsd', 'openbsd', 'plan9', 'solaris',
  'windows', 'zos',
]);
const ARCHITECTURES: ReadonlySet<string> = new Set([
  '386', 'amd64', 'amd64p32', 'arm', 'armbe', 'arm64', 'arm64be', 'ppc64', 'ppc64le', 'loong64', 'mips', 'mipsle', 'mips64', 'mips64le', 'mips64p32',
  'mips64p32le', 'ppc', 'riscv', 'riscv64', 's390', 's390x', 'sparc', 'sparc64', 'wasm',
]);
const ALIASES: ReadonlyMap<string, readonly [architecture: string, variant: string]> = new Map([
  ['i386', ['386', '']], ['x86_64', ['amd64', '']], ['x86-64', ['amd64', '']], ['aarch64', ['arm64', '']], ['armhf', ['arm', 'v7']], ['armel', ['arm', 'v6']],
]);
const COMPONENT = /^[A-Za-z0-9_.-]+$/;

/** A platform as containerd's library reads it, with its messages. A system or architecture alone takes the rest from the host. */
export function parsePlatformSpecifier(text: string, host: Platform): Platform {
  const refuse = (why: string): DockerfileError => new DockerfileError(`${quote(text)}: ${why}: invalid argument`, { token: text });
  if (text.includes('*')) throw refuse('wildcards not yet supported');
  const parts = text.split('/');
  const wrong = parts.find((part) => !COMPONENT.test(part));
  if (wrong !== undefined) throw new DockerfileError(`${quote(wrong)} is an invalid component of ${quote(text)}: platform specifier component must match ${quote('^[A-Za-z0-9_.-]+$')}: invalid argument`, { token: text });
  const [first = '', second = '', third] = parts;
  if (parts.length === 1) {
    const system = normalSystem(first);
    if (SYSTEMS.has(system)) return normal(system, host.architecture, host.variant);
    const platform = normal(host.os, first, undefined);
    if (ARCHITECTURES.has(platform.architecture)) return platform;
    throw refuse('unknown operating system or architecture');
  }
  if (parts.length > 3) throw refuse('cannot parse platform specifier');
  return normal(normalSystem(first), second, third);
}

function normalSystem(text: string): string {
  const system = text.toLowerCase();
  return system === 'macos' ? 'darwin' : system;
}

/** `linux/amd64`: without the variant that the architecture has anyway. */
export function platformText(platform: Platform): string {
  const { os, architecture, variant } = normal(platform.os, platform.architecture, platform.variant);
  return variant === undefined ? `${os}/${architecture}` : `${os}/${architecture}/${variant}`;
}

/** In containerd's spelling, where arm64 is v8 and says nothing of it. */
export function normalizePlatform({ os, architecture, variant }: Platform): Platform {
  return normal(os, architecture, variant);
}

function normal(os: string, architecture: string, variant: string | undefined): Platform {
  const name = architecture.toLowerCase();
  const [known, implied] = ALIASES.get(name) ?? [name, ''];
  let level = (variant ?? implied).toLowerCase();
  if (known === 'arm64' && (level === '8' || level === 'v8')) level = '';
  if (known === 'amd64' && level === 'v1') level = '';
  if (known === 'arm') level = level === '' || level === '7' ? 'v7' : /^[568]$/.test(level) ? `v${level}` : level;
  return { os, architecture: known, ...(level === '' ? {} : { variant: level }) };
}
