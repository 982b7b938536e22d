import { pathPart, type DockerApi } from '../plan/docker-api.ts';

/** Frames of a log that has no terminal: which stream, and its bytes. */
export async function* demultiplexed(body: AsyncIterable<Uint8Array>): AsyncGenerator<{ readonly stream: 'stdout' | 'stderr'; readonly bytes: Uint8Array }> {
  let held = new Uint8Array(0);
  for await (const chunk of body) {
    const all = new Uint8Array(held.length + chunk.length);
    all.set(held);
    all.set(chunk, held.length);
    let at = 0;
    while (all.length - at >= 8) {
      const size = new DataView(all.buffer, at).getUint32(4);
      if (all.length - at - 8 < size) break;
      yield { stream: all[at] === 2 ? 'stderr' : 'stdout', bytes: all.subarray(at + 8, at + 8 + size) };
      at += 8 + size;
    }
    held = all.slice(at);
  }
}

/** What a container wrote last, for an error; nothing when that can't be had. */
export async function lastLogLines(api: DockerApi, container: string, tail = 10): Promise<string> {
  try {
    const { Config } = await api.json<{ readonly Config: { readonly Tty: boolean } }>('GET', `/containers/${pathPart(container)}/json`);
    const body = api.stream('GET', `/containers/${pathPart(container)}/logs`, { query: { stdout: true, stderr: true, tail } });
    const decoder = new TextDecoder();
    let text = '';
    if (Config.Tty) for await (const bytes of body) text += decoder.decode(bytes, { stream: true });
    else for await (const { bytes } of demultiplexed(body)) text += decoder.decode(bytes, { stream: true });
    return text.trimEnd().split('\n').filter((line) => line !== '').map((line) => `  ${line}`).join('\n');
  } catch {
    return '';
  }
}
