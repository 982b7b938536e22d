import type { IncomingMessage } from 'node:http';

/** The body of an answer, piece by piece. Whoever wants no more of it ends the connection at once, also while nothing comes: a generator alone would wait for the next piece. */
export function answerPieces(answer: IncomingMessage): AsyncGenerator<Uint8Array> {
  const pieces = (async function* (): AsyncGenerator<Uint8Array> {
    yield* answer as AsyncIterable<Uint8Array>;
  })();
  const end = pieces.return.bind(pieces);
  pieces.return = async (value) => {
    answer.destroy();
    return await end(value);
  };
  return pieces;
}
