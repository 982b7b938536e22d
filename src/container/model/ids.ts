import type { Brand } from '#base/brand.ts';
import type { Random } from '#base/random.ts';

/** 64 lower-case hex digits. Names of kernel objects derive from it. */
export type ContainerId = Brand<string, 'ContainerId'>;
export type ExecId = Brand<string, 'ExecId'>;
export type NetworkId = Brand<string, 'NetworkId'>;
/** `sha256:` and 64 hex digits: the digest of the image's config. */
export type ImageId = Brand<string, 'ImageId'>;

function hex(bytes: Uint8Array): string {
  let text = '';
  for (const byte of bytes) text += byte.toString(16).padStart(2, '0');
  return text;
}

/** Never all digits in its first twelve characters: a short id must not read as a number (Docker does the same). */
export function newId<Id extends ContainerId | ExecId | NetworkId>(random: Random): Id {
  for (;;) {
    const id = hex(random.bytes(32));
    if (!/^\d+$/.test(id.slice(0, 12))) return id as Id;
  }
}

export function shortId(id: string): string {
  return (id.startsWith('sha256:') ? id.slice(7) : id).slice(0, 12);
}
