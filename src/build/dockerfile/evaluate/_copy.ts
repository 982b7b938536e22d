import { DockerfileError } from '../dockerfile-error.ts';
import type { AddInstruction } from '../instruction/add.ts';
import type { CopyInstruction, Transfer } from '../instruction/copy.ts';
import type { Place } from '../instruction/instruction.ts';
import { messages } from '../lint/rules.ts';
import type { CopySource, StepSource } from '../plan/build-step.ts';
import { quote } from '../_quote.ts';
import type { IgnoreRules } from '../ignore/ignore-rules.ts';
import { parseFileMode } from './_file-mode.ts';
import { parseGitSource, type GitSource } from './git-source.ts';
import { baseName, cleanAbsolute, resolveDestination } from './path.ts';
import type { StageState } from './_stage-state.ts';
import { titleText } from './_title.ts';

/** COPY and ADD with their words expanded. */
interface Expanded extends Transfer {
  readonly instruction: (CopyInstruction | AddInstruction) & Place;
  readonly from: StepSource;
  readonly checksum: string;
}

export function evaluateCopy(state: StageState, instruction: (CopyInstruction | AddInstruction) & Place, source: number | undefined, ignore: IgnoreRules | undefined): void {
  const expanded = expandTransfer(state, instruction, source);
  const { lines } = instruction;
  const destination = resolveDestination(state.config.WorkingDir ?? '/', expanded.destination);
  const mode = parseFileMode(expanded.chmod);
  checkChecksum(expanded);
  const title = state.title(titleText(state, instruction.source));
  const sources = expanded.sources.map((text) => sourceOf(state, expanded, text, ignore));
  const documents = expanded.documents.map(({ name, content }): CopySource => ({ kind: 'inline', name, content }));
  const historyIndex = state.commit(historyText(expanded), true);
  state.steps.push({
    kind: 'copy', title, lines, ignoresCache: state.stage.ignoresCache, historyIndex, sources: [...sources, ...documents], destination, mode,
    owner: expanded.chown === '' ? undefined : expanded.chown, exclude: expanded.exclude,
    // A layer of its own can't know the mode of what is below it, nor the names of users there.
    isLink: expanded.link && mode === undefined && /^\d*(?::\d*)?$/.test(expanded.chown),
  });
}

function expandTransfer(state: StageState, instruction: (CopyInstruction | AddInstruction) & Place, source: number | undefined): Expanded {
  const { lines } = instruction;
  const word = (text: string): string => state.expand(text, lines);
  return {
    instruction,
    chown: word(instruction.chown),
    chmod: word(instruction.chmod),
    checksum: instruction.kind === 'add' ? word(instruction.checksum) : '',
    sources: instruction.sources.map(word),
    destination: word(instruction.destination),
    documents: instruction.documents.map((document) => (document.expands ? { ...document, content: state.expand(document.content, lines, { skipQuotes: true }) } : document)),
    link: instruction.link,
    exclude: instruction.exclude,
    from: source === undefined ? { kind: 'context' } : { kind: 'stage', index: source },
  };
}

function checkChecksum({ checksum, sources }: Expanded): void {
  if (checksum === '') return;
  if (sources.length !== 1) throw new DockerfileError("checksum can't be specified for multiple sources", { token: '--checksum' });
  if (!isHttp(sources[0] as string) && !isGit(sources[0] as string)) throw new DockerfileError('checksum requires HTTP(S) or Git sources', { token: sources[0] });
}

function sourceOf(state: StageState, expanded: Expanded, text: string, ignore: IgnoreRules | undefined): CopySource {
  const { instruction } = expanded;
  const git = parseGitSource(text);
  if (git !== undefined && !git.isAmbiguous) {
    if (instruction.kind === 'copy') throw new DockerfileError("source can't be a git ref for COPY", { token: text });
    return gitSource(expanded, git, instruction.keepGitDir);
  }
  if (isHttp(text)) {
    if (instruction.kind === 'copy') throw new DockerfileError("source can't be a URL for COPY", { token: text });
    return { kind: 'url', url: text, fileName: fileNameOf(text), checksum: httpChecksum(expanded.checksum), unpacks: instruction.unpack ?? false };
  }
  reportIgnored(state, expanded, text, ignore);
  const parents = instruction.kind === 'copy' && instruction.parents;
  const pivot = parents ? text.indexOf('/./') : -1;
  const pattern = cleanAbsolute(parents ? (pivot < 0 ? '/' : text.slice(0, pivot)) : text);
  const below = parents ? cleanAbsolute(pivot < 0 ? text : text.slice(pivot + 3)).slice(1) : undefined;
  const read = cleanAbsolute(text);
  if (expanded.from.kind === 'context') state.readsContext(read);
  else state.readsStage(expanded.from.index, read);
  return { kind: 'files', from: expanded.from, pattern, parents: below, unpacks: instruction.kind === 'add' && (instruction.unpack ?? true) };
}

function gitSource({ checksum }: Expanded, git: GitSource, keep: boolean | undefined): CopySource {
  if (keep !== undefined && git.keepsGitDirectory !== undefined && keep !== git.keepsGitDirectory) throw new DockerfileError('inconsistent keep-git-dir configuration', { token: '--keep-git-dir' });
  if (checksum !== '' && git.checksum !== undefined && checksum !== git.checksum) throw new DockerfileError(`checksum mismatch ${quote(checksum)} != ${quote(git.checksum)}`, { token: checksum });
  return {
    kind: 'git', remote: git.remote, ref: git.ref, subdirectory: git.subdirectory, checksum: git.checksum ?? (checksum === '' ? undefined : checksum),
    keepsGitDirectory: git.keepsGitDirectory ?? keep ?? false, submodules: git.submodules ?? true,
  };
}

function reportIgnored(state: StageState, { instruction, from }: Expanded, text: string, ignore: IgnoreRules | undefined): void {
  if (from.kind !== 'context' || ignore === undefined || !ignore.excludes(text)) return;
  state.linter.report('CopyIgnoredFile', instruction.lines, messages.copyIgnored(instruction.kind === 'add' ? 'Add' : 'Copy', text));
}

function isGit(text: string): boolean {
  return parseGitSource(text) !== undefined;
}

function isHttp(text: string): boolean {
  return (text.startsWith('http://') || text.startsWith('https://')) && !isGit(text);
}

/** The file that a URL names. */
function fileNameOf(url: string): string {
  const path = url.replace(/[?#].*$/s, '').replace(/^https?:\/\/[^/]*/, '');
  const name = baseName(path);
  if (name === '.' || name === '/' || name === '..') return '__unnamed__';
  try {
    const decoded = decodeURIComponent(name);
    return decoded.includes('/') || decoded.includes('\0') ? '__unnamed__' : decoded;
  } catch {
    return '__unnamed__';
  }
}

const DIGEST_LENGTHS: ReadonlyMap<string, number> = new Map([['sha256', 64], ['sha384', 96], ['sha512', 128]]);

function httpChecksum(text: string): string | undefined {
  if (text === '') return undefined;
  const match = /^([a-z0-9]+(?:[+._-][a-z0-9]+)*):([a-zA-Z0-9=_-]+)$/.exec(text);
  if (match === null) throw new DockerfileError('invalid checksum digest format', { token: text });
  const length = DIGEST_LENGTHS.get(match[1] as string);
  if (length === undefined) throw new DockerfileError('unsupported digest algorithm', { token: text });
  if ((match[2] as string).length !== length) throw new DockerfileError('invalid checksum digest length', { token: text });
  if (!/^[a-f0-9]+$/.test(match[2] as string)) throw new DockerfileError('invalid checksum digest format', { token: text });
  return text;
}

function historyText({ instruction, chown, chmod, sources, documents, destination }: Expanded): string {
  return [
    instruction.kind.toUpperCase(),
    ...(instruction.kind === 'copy' && instruction.parents ? ['--parents'] : []),
    ...(chown === '' ? [] : [`--chown=${chown}`]),
    ...(chmod === '' ? [] : [`--chmod=${chmod}`]),
    ...sources,
    ...documents.map(({ name }) => `<<${name}`),
    destination,
    '# buildkit',
  ].join(' ');
}

