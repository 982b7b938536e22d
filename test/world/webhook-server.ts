import { readFileSync } from 'node:fs';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';

/**
 * A webhook as a program of its own, as scenarios block while kubectl runs: `node webhook-server.ts CERTIFICATE KEY`. It prints its
 * port; its paths say what it answers.
 */

interface Review {
  readonly apiVersion: string;
  readonly kind: string;
  readonly request: { readonly uid: string; readonly operation: string; readonly desiredAPIVersion: string; readonly objects: readonly Bulb[] };
}

/** It has watts in v1, and text in v2. */
interface Bulb {
  readonly spec: { readonly watts?: number; readonly power?: string };
}

const converted = ({ request: { desiredAPIVersion, objects } }: Review): object => ({
  result: { status: 'Success' },
  convertedObjects: objects.map(({ spec, ...bulb }) => ({ ...bulb, apiVersion: desiredAPIVersion, spec: desiredAPIVersion.endsWith('/v2') ? { power: `${spec.watts} W` } : { watts: Number.parseInt(spec.power ?? '', 10) } })),
});

const encode = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64');
const answers: Readonly<Record<string, (review: Review) => object>> = {
  '/label': () => ({ allowed: true, patchType: 'JSONPatch', patch: encode([{ op: 'add', path: '/metadata/labels', value: { hooked: 'yes' } }]), warnings: ['labelled'] }),
  '/deny': ({ request }) => ({ allowed: false, status: { code: 403, message: `no ${request.operation} here` } }),
  '/convert': converted,
};

const [certificate = '', key = ''] = process.argv.slice(2);
const server = createServer({ cert: readFileSync(certificate), key: readFileSync(key) }, (request, response) => {
  let body = '';
  request.setEncoding('utf8').on('data', (piece: string) => (body += piece)).on('end', () => {
    const answer = answers[(request.url ?? '').split('?')[0] ?? ''];
    // Other paths never answer.
    if (answer === undefined) return;
    const review = JSON.parse(body) as Review;
    response.end(JSON.stringify({ apiVersion: review.apiVersion, kind: review.kind, response: { uid: review.request.uid, ...answer(review) } }));
  });
});
server.listen(0, '127.0.0.1', () => process.stdout.write(`${(server.address() as AddressInfo).port}\n`));
