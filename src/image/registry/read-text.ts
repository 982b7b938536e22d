import { GantryError } from '#base/error.ts';
import type { HttpResponse } from './transport.ts';

/** The whole of a small body. Throws `too-large`. */
export async function readBytes(response: Pick<HttpResponse, 'body'>, maxBytes: number): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of response.body) {
    size += chunk.length;
    if (size > maxBytes) throw new GantryError('too-large', `the registry answers with more than ${maxBytes} bytes where a document was asked for`);
    chunks.push(chunk);
  }
  const whole = new Uint8Array(size);
  let at = 0;
  for (const chunk of chunks) {
    whole.set(chunk, at);
    at += chunk.length;
  }
  return whole;
}

export async function readText(response: Pick<HttpResponse, 'body'>, maxBytes: number): Promise<string> {
  return new TextDecoder().decode(await readBytes(response, maxBytes));
}
