import type { InputStream } from '../io.ts';

/**
 * Lets every key and every byte through a terminal, both ways. The answer restores it. Node's raw mode alone still
 * turns `\n` of the output into `\r\n`, which garbles full-screen programs: stty turns that off, and the terminal's
 * settings from before come back as a whole with Node's own restore.
 */
export async function enterRawMode(stdin: InputStream): Promise<() => void> {
  stdin.setRawMode?.(true);
  if (typeof stdin.fd === 'number') {
    const { spawnSync } = await import('node:child_process');
    // Without stty the lines are a little askew, which is no reason to refuse.
    spawnSync('stty', ['-opost'], { stdio: [stdin.fd, 'ignore', 'ignore'] });
  }
  return () => {
    stdin.setRawMode?.(false);
  };
}
