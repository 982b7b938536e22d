import type { Http2Stream } from 'node:http2';
import { GantryError } from '#base/error.ts';
import { FrameReader, frameHead, joined } from '../../wire/grpc.ts';
import { ChunkQueue } from './chunk-queue.ts';
import { decode, encode, type Decoded, type Fields, type Init, type Message } from '../../wire/protobuf.ts';

/** Files in a context come in pieces of 32 KiB; a build's own answers are far smaller than this. */
export const LARGEST_MESSAGE = 16 << 20;

/** The messages of one direction, one by one. A reader that is slow holds the peer back. */
export async function* readMessages<F extends Fields>(stream: Http2Stream, type: Message<F>): AsyncGenerator<Decoded<Message<F>>> {
  for await (const frames of readFrames(stream)) for (const pieces of frames) yield decode(type, joined(pieces));
}

/** Their bytes, each as the pieces that it came in, as many at a time as have come: lists of thousands cost no turn for each. */
export async function* readFrames(stream: Http2Stream): AsyncGenerator<readonly (readonly Uint8Array[])[]> {
  const frames = new FrameReader(LARGEST_MESSAGE);
  const queue = new ChunkQueue(stream);
  try {
    for (let chunks = await queue.next(); chunks !== undefined; chunks = await queue.next()) {
      const batch = chunks.flatMap((chunk) => [...frames.pushPieces(chunk)]);
      if (batch.length > 0) yield batch;
    }
  } finally {
    // Whoever reads one message only goes on to answer on the same stream.
    queue.leave();
  }
}

/** Waits where the peer reads slowly. */
export async function writeMessage<F extends Fields>(stream: Http2Stream, type: Message<F>, value: Init<Message<F>>): Promise<void> {
  if (stream.destroyed || stream.closed) throw new GantryError('interrupted', 'the connection of the build was closed');
  const bytes = encode(type, value);
  stream.cork();
  stream.write(frameHead(bytes.length));
  const flows = stream.write(bytes);
  stream.uncork();
  if (!flows) await writable(stream);
}

/** Until there is room, or nobody reads any more. */
function writable(stream: Http2Stream): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      stream.off('drain', done);
      stream.off('close', done);
      resolve();
    };
    stream.on('drain', done);
    stream.on('close', done);
  });
}
