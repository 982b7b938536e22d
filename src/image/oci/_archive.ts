import { GantryError } from '#base/error.ts';
import type { Hasher } from '#base/hasher.ts';
import type { ArchiveMember, LoadInput } from './load-plan.ts';
import type { Platform } from './platform.ts';

/** Members that are read into memory. */
const MAX_DOCUMENT_BYTES = 8 << 20;

/** Looks members up, and notes the documents that are not there yet. */
export class Archive {
  readonly hasher: Hasher;
  readonly platform: Platform | undefined;
  readonly missing: string[] = [];
  readonly #members: ReadonlyMap<string, ArchiveMember>;
  readonly #documents: ReadonlyMap<string, Uint8Array>;

  constructor({ members, documents, hasher, platform }: LoadInput) {
    this.hasher = hasher;
    this.platform = platform;
    this.#documents = documents;
    // The last of two members with one name counts, as when a tar is unpacked.
    this.#members = new Map(members.map((member) => [member.name.replace(/^(\.\/)+/, ''), member]));
  }

  find(name: string): ArchiveMember | undefined {
    return this.#members.get(name);
  }

  /** The regular file behind a name; `what` is its role in messages. */
  file(name: string, what: string): ArchiveMember {
    if (!isLocalName(name)) throw new GantryError('invalid', `the archive names ${JSON.stringify(name)} as ${what}, which leads out of it`);
    const member = this.#members.get(name);
    if (member === undefined) throw new GantryError('invalid', `the archive has no ${JSON.stringify(name)}, which it names as ${what}`);
    const target = this.#followLink(name, member);
    if (target?.type !== 'file') throw new GantryError('invalid', `${JSON.stringify(name)} in the archive, ${what}, is not a file`);
    return target;
  }

  /** The content of a small file, or undefined while it is still to be read. */
  document(name: string, what: string): Uint8Array | undefined {
    const member = this.file(name, what);
    if (member.size > MAX_DOCUMENT_BYTES) throw new GantryError('too-large', `${JSON.stringify(name)} in the archive has ${member.size} bytes`);
    const bytes = this.#documents.get(member.name);
    if (bytes === undefined && !this.missing.includes(member.name)) this.missing.push(member.name);
    return bytes;
  }

  /** Docker up to version 24 writes a layer that occurs twice as a link to the first one; one step is followed. */
  #followLink(name: string, member: ArchiveMember): ArchiveMember | undefined {
    if (member.type !== 'symlink' && member.type !== 'hardlink') return member;
    const base = member.type === 'symlink' ? name.split('/').slice(0, -1) : [];
    for (const part of member.linkName.split('/')) {
      if (part === '..' && base.pop() === undefined) return undefined;
      if (part !== '..' && part !== '.' && part !== '') base.push(part);
    }
    return member.linkName.startsWith('/') ? undefined : this.#members.get(base.join('/'));
  }
}

function isLocalName(name: string): boolean {
  return name !== '' && !name.startsWith('/') && !name.split('/').includes('..');
}
