import { invalid } from './invalid.ts';

const FLAGS = new Set(
  ('rw ro exec noexec suid nosuid dev nodev sync async atime noatime diratime nodiratime relatime norelatime strictatime nostrictatime dirsync '
    + 'private rprivate shared rshared slave rslave unbindable runbindable huge=never huge=always huge=within_size huge=advise').split(' '),
);
const SETTINGS = /^(size=\d+[kmgKMG%]?|nr_blocks=\d+[kmgKMG]?|nr_inodes=\d+[kmgKMG]?|mode=[0-7]{1,4}|uid=\d+|gid=\d+|mpol=[\w:=,-]+)$/;

/** The options of `--tmpfs /x:OPTIONS`, as mount(8) spells them. Docker forbids programs, devices and set-id bits unless told otherwise. */
export function parseTmpfsOptions(text: string): { readonly options: readonly string[]; readonly readonly: boolean } {
  const options = text.split(',').filter((option) => option !== '');
  for (const option of options) {
    if (!FLAGS.has(option) && !SETTINGS.test(option)) throw invalid(`invalid tmpfs option "${option}"`);
  }
  return { options: options.filter((option) => option !== 'ro' && option !== 'rw'), readonly: options.includes('ro') };
}
