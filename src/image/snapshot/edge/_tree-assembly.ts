import { writeFileSync } from 'node:fs';
import { GantryError } from '#base/error.ts';
import { byteStringToText, textToByteString, type ByteString } from '#image/oci/tar/byte-string.ts';
import { joinPath, matchPaths, parentOf, PathRules, realPath, type NamePart } from '../tree-selection.ts';
import type { TreeAction } from '../tree-work.ts';
import type * as Archives from './_archive-copy.ts';
import type { ProgramName, WaitingPrograms } from './decompressor.ts';
import { ChangedDirectories } from './_changed-directories.ts';
import type { FsView } from './_fs-view.ts';
import type { GivenFiles } from './_given-files.ts';
import { nodePath } from './_layer-tree.ts';
import { check, libc } from './_libc.ts';
import { changeMode } from './_mode-change.ts';
import { cPath, setTimes } from './_node.ts';
import { makeDirectories, TreeCopy } from './_tree-copy.ts';
import { parentsOf } from '../tree-lines.ts';
import { ownerOf, type Owner } from './_tree-owner.ts';

type ActionOf<Kind extends TreeAction['kind']> = Extract<TreeAction, { kind: Kind }>;

/** Does the actions of one layer, in order. */
export class TreeAssembly {
  readonly #target: FsView;
  readonly #sources: readonly FsView[];
  readonly #changed: ChangedDirectories | undefined;
  readonly #archives: typeof Archives | undefined;
  readonly #given: GivenFiles | undefined;

  /** @param archives set where an action unpacks */
  constructor(target: FsView, sources: readonly FsView[], epochSeconds: number | undefined, { archives, given }: { readonly archives: typeof Archives | undefined; readonly given: GivenFiles | undefined }) {
    this.#archives = archives;
    this.#given = given;
    this.#target = target;
    this.#sources = sources;
    this.#changed = epochSeconds === undefined ? undefined : new ChangedDirectories({ seconds: epochSeconds, nanoseconds: 0 });
  }

  /** Programs that it takes to look into archives, one for each. They have to run before the confinement. */
  programs(actions: readonly TreeAction[]): readonly ProgramName[] {
    return actions.flatMap((action) => (action.kind !== 'copy' || !action.unpacks ? [] : matchPaths(this.#sourceOf(action), action.parts, byteStringToText).flatMap((path) => {
      const file = archiveAt(this.#sourceOf(action), path);
      return (file === undefined ? undefined : this.#archives?.programOf(file)) ?? [];
    })));
  }

  async run(actions: readonly TreeAction[], programs: WaitingPrograms): Promise<void> {
    for (const action of actions) {
      if (action.kind === 'directory') this.#directory(action);
      else if (action.kind === 'write') this.#write(action);
      else await this.#copy(action, programs);
    }
    this.#changed?.settle(this.#target);
    this.#given?.settle();
  }

  #directory(action: ActionOf<'directory'>): void {
    makeDirectories(this.#target, textToByteString(action.path), { ...this.#options(action), mode: { kind: 'octal', mode: action.mode } });
  }

  #write(action: ActionOf<'write'>): void {
    const { owner } = this.#options(action);
    const path = textToByteString(action.destination);
    const parent = makeDirectories(this.#target, parentOf(path), { ...this.#options(action), ...(action.change === undefined ? {} : { mode: action.change }) });
    const to = realPath(this.#target, joinPath(parent, path.slice(path.lastIndexOf('/') + 1)), true);
    if (this.#target.type(to) === 'directory') throw new GantryError('invalid', `cannot replace to directory ${action.destination} with file`);
    if (this.#target.type(to) !== undefined) check(libc.unlink(cPath(this.#target.at(to))), `replace ${action.destination}`);
    writeFileSync(nodePath(this.#target.at(to)), action.content, { flag: 'wx', mode: 0o600 });
    const target = cPath(this.#target.at(to));
    if (owner !== undefined) check(libc.lchown(target, owner.uid, owner.gid), `set the owner of ${action.destination}`);
    check(libc.chmod(target, action.change === undefined ? action.mode : changeMode(action.change, action.mode, false)), `set the mode of ${action.destination}`);
    if (this.#changed === undefined) return;
    setTimes(this.#target.at(to), this.#changed.time);
    this.#changed.made(to);
  }

  async #copy(action: ActionOf<'copy'>, programs: WaitingPrograms): Promise<void> {
    const source = this.#sourceOf(action);
    const paths = matchPaths(source, action.parts, byteStringToText);
    const hasWildcard = action.parts.some((part) => 'regex' in part);
    if (paths.length === 0 && action.isRequired && !hasWildcard) throw new GantryError('not-found', `"${action.pattern}": not found`);
    if (paths.length === 0 && hasWildcard) requireDirectory(source, action.parts);
    const options = { ...this.#options(action), rules: new PathRules(action.rules), ...(action.mode === undefined ? {} : { mode: action.mode }), ...(this.#given === undefined ? {} : { given: this.#given }) };
    const copy = new TreeCopy(source, this.#target, options);
    for (const path of paths) {
      if (action.keepsFrom !== undefined) this.#withParents(copy, path, action, action.keepsFrom);
      else if (!action.unpacks || !await this.#unpack(source, path, { action, owner: options.owner, programs })) copy.copyTo(path, action.destination);
    }
  }

  #withParents(copy: TreeCopy, path: ByteString, action: ActionOf<'copy'>, skipped: number): void {
    const kept = path.split('/').slice(skipped).join('/');
    copy.copyParents(parentsOf(path, skipped).map((parent) => ({ source: parent, relative: parent.split('/').slice(skipped).join('/') as ByteString })), action.destination);
    copy.copyTo(path, `${action.destination.replace(/\/?$/, '/')}${byteStringToText(kept as ByteString)}`, true);
  }

  async #unpack(source: FsView, path: ByteString, { action, owner, programs }: { readonly action: ActionOf<'copy'>; readonly owner: Owner | undefined; readonly programs: WaitingPrograms }): Promise<boolean> {
    const file = archiveAt(source, path);
    const archive = file === undefined ? undefined : await this.#archives?.openArchive(file, programs);
    if (archive === undefined) return false;
    const directory = makeDirectories(this.#target, textToByteString(action.destination), this.#options(action));
    await this.#archives?.unpackArchive(archive, this.#target.below(directory), owner, this.#changed?.below(directory));
    return true;
  }

  #sourceOf({ source: index }: ActionOf<'copy'>): FsView {
    const source = this.#sources[index];
    if (source === undefined) throw new GantryError('internal', `a copy reads from source ${index}, which is not there`);
    return source;
  }

  #options({ owner }: { readonly owner?: string }): { readonly owner?: Owner; readonly changed?: ChangedDirectories } {
    return { ...(owner === undefined ? {} : { owner: ownerOf(this.#target, owner) }), ...(this.#changed === undefined ? {} : { changed: this.#changed }) };
  }
}

/** A wildcard may match nothing, but below a directory that is there. */
function requireDirectory(source: FsView, parts: readonly NamePart[]): void {
  const names: string[] = [];
  for (const part of parts) {
    if (!('name' in part)) break;
    names.push(part.name);
  }
  const path = names.join('/');
  if (source.type(realPath(source, textToByteString(path), true)) === undefined) throw new GantryError('invalid', `lstat /${path}: no such file or directory`);
}

/** A file that may be an archive. */
function archiveAt(source: FsView, path: ByteString): ByteString | undefined {
  const real = realPath(source, path, true);
  return source.type(real) === 'file' ? source.at(real) : undefined;
}

/** What was made only so that something could be mounted there goes: empty, and not in the layers below. */
export function removeStubs(upper: FsView, lower: FsView, paths: readonly string[]): void {
  const all = new Set<ByteString>();
  for (const path of paths) {
    let at = realPath(lower, textToByteString(path), true);
    for (; at !== ''; at = parentOf(at)) all.add(at);
  }
  for (const path of [...all].sort((left, right) => right.split('/').length - left.split('/').length)) {
    if (lower.type(path) !== undefined) continue;
    const status = upper.stat(path);
    const parent = upper.stat(parentOf(path));
    if (status?.type === 'directory' && upper.children(path).length === 0) check(libc.rmdir(cPath(upper.at(path))), `remove ${path}`);
    else if (status?.type === 'file' && status.size === 0) check(libc.unlink(cPath(upper.at(path))), `remove ${path}`);
    else continue;
    // The removal is no change of the directory; that something was made there is one, as with BuildKit.
    if (parent !== undefined && upper.type(parentOf(path)) === 'directory') setTimes(upper.at(parentOf(path)), parent.modified);
  }
  // crun makes a place for /dev that is sticky, runc one that is not.
  if (lower.type(DEV) === undefined && upper.stat(DEV)?.mode === 0o1755) check(libc.chmod(cPath(upper.at(DEV)), 0o755), 'set the mode of /dev');
}

const DEV = 'dev' as ByteString;
