import { GantryError } from '#base/error.ts';
import type { Json } from '#base/json.ts';
import { present, Shape } from './_shape.ts';

/** Go's names for systems and processors: `linux`, `amd64`, `arm64` with variant `v8`. */
export interface Platform {
  readonly os: string;
  readonly architecture: string;
  readonly variant?: string;
}

const FIELDS = ['os', 'architecture', 'variant', 'os.version', 'os.features'];

const ARCHITECTURE_ALIASES: Readonly<Record<string, readonly [architecture: string, variant?: string]>> = {
  x86_64: ['amd64'], 'x86-64': ['amd64'], aarch64: ['arm64'], armhf: ['arm', 'v7'], armel: ['arm', 'v6'], i386: ['386'],
};

export function parsePlatform(value: Json | undefined, where: string): Platform {
  const shape = new Shape(value, where, FIELDS);
  return present<Platform>({
    os: shape.string('os') ?? '',
    architecture: shape.string('architecture') ?? '',
    variant: shape.string('variant'),
  });
}

/** `linux/arm64/v8`, `arm64` or `linux`, as `--platform` takes it. */
export function parsePlatformText(text: string, host: Platform): Platform {
  const parts = text.toLowerCase().split('/');
  if (parts.length > 3 || parts.some((part) => !/^[a-z0-9_.-]+$/.test(part))) {
    throw new GantryError('invalid', `invalid platform ${JSON.stringify(text)}: expected os/architecture or os/architecture/variant`);
  }
  if (parts.length === 1) {
    return parts[0] === host.os ? host : normalPlatform({ os: host.os, architecture: parts[0]! });
  }
  return normalPlatform(present<Platform>({ os: parts[0]!, architecture: parts[1]!, variant: parts[2] }));
}

/** One spelling for each platform: `aarch64` is `arm64`, and `arm64` without variant is `v8`. */
export function normalPlatform(platform: Platform): Platform {
  const [architecture, aliasVariant] = ARCHITECTURE_ALIASES[platform.architecture] ?? [platform.architecture];
  const variant = platform.variant === '' ? aliasVariant : platform.variant ?? aliasVariant;
  if (architecture === 'arm64' && (variant === undefined || variant === '8')) return { os: platform.os, architecture, variant: 'v8' };
  if (architecture === 'arm' && variant === undefined) return { os: platform.os, architecture, variant: 'v7' };
  return present<Platform>({ os: platform.os, architecture, variant: architecture === 'amd64' && variant === 'v1' ? undefined : variant });
}

/** How well an image of `offered` runs where `wanted` is asked for: 0 not at all, more is better. */
export function platformMatch(wanted: Platform, offered: Platform): number {
  const want = normalPlatform(wanted);
  const offer = normalPlatform(offered);
  if (want.os !== offer.os || want.architecture !== offer.architecture) return 0;
  const level = (variant: string | undefined) => Number(/^v(\d+)$/.exec(variant ?? 'v1')?.[1] ?? NaN);
  const [wantLevel, offerLevel] = [level(want.variant), level(offer.variant)];
  if (Number.isNaN(wantLevel) || Number.isNaN(offerLevel)) return want.variant === offer.variant ? 1 : 0;
  // A processor runs what was made for an older one of its kind.
  return offerLevel <= wantLevel ? offerLevel : 0;
}

export function formatPlatform(platform: Platform): string {
  const { os, architecture, variant = '' } = platform;
  return variant === '' ? `${os}/${architecture}` : `${os}/${architecture}/${variant}`;
}
