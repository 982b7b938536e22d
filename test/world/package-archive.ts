import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';

/**
 * An archive of one package, `greeting`, for one suite, signed by a key that was made for it: what apt takes packages from
 * (Debian's wiki, DebianRepository/Format). `directory` becomes one that every user may enter, since apt reads keys as one without rights.
 */
export function signedArchive(directory: string, suite: string): { readonly root: string; readonly keyring: string } {
  const root = `${directory}/archive`;
  const home = `${directory}/gnupg`;
  const architecture = process.arch === 'arm64' ? 'arm64' : 'amd64';
  const lists = `${root}/dists/${suite}`;
  for (const path of [`${directory}/package/DEBIAN`, `${directory}/package/usr/share`, `${root}/pool`, `${lists}/main/binary-${architecture}`]) mkdirSync(path, { recursive: true });
  mkdirSync(home, { mode: 0o700 });
  const control = 'Package: greeting\nVersion: 1\nArchitecture: all\nMaintainer: Nobody <nobody@example.org>\nDescription: a file\n';
  writeFileSync(`${directory}/package/DEBIAN/control`, control);
  writeFileSync(`${directory}/package/usr/share/greeting`, `from ${suite}\n`);
  execFileSync('dpkg-deb', ['--build', `${directory}/package`, `${root}/pool/greeting.deb`], { stdio: 'pipe' });
  const describe = (path: string): { readonly sha256: string; readonly size: number } => {
    const bytes = readFileSync(path);
    return { sha256: createHash('sha256').update(bytes).digest('hex'), size: bytes.length };
  };
  const { sha256, size } = describe(`${root}/pool/greeting.deb`);
  const index = `main/binary-${architecture}/Packages`;
  writeFileSync(`${lists}/${index}`, `${control}Filename: pool/greeting.deb\nSize: ${size}\nSHA256: ${sha256}\n`);
  const listed = describe(`${lists}/${index}`);
  const date = new Date().toUTCString();
  writeFileSync(`${lists}/Release`, `Suite: ${suite}\nCodename: ${suite}\nComponents: main\nArchitectures: ${architecture}\nDate: ${date}\nSHA256:\n ${listed.sha256} ${listed.size} ${index}\n`);
  const gpg = (...args: readonly string[]): Buffer => execFileSync('gpg', ['--homedir', home, '--batch', '--quiet', '--passphrase', '', ...args], { stdio: 'pipe' });
  gpg('--quick-generate-key', 'nobody@example.org', 'rsa2048', 'sign', 'never');
  gpg('--clearsign', '--output', `${lists}/InRelease`, `${lists}/Release`);
  const keyring = `${directory}/keys.gpg`;
  writeFileSync(keyring, gpg('--export'));
  chmodSync(dirname(directory), 0o755);
  execFileSync('gpgconf', ['--homedir', home, '--kill', 'all'], { stdio: 'pipe' });
  return { root, keyring };
}
