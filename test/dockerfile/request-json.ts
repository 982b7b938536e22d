import { request } from 'node:http';

/** One exchange with an engine on a socket; undefined where it answers with no JSON. */
export function requestJson(socket: string, method: string, path: string): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const call = request({ socketPath: socket, method, path, agent: false }, (response) => {
      let body = '';
      response.setEncoding('utf8').on('data', (text: string) => { body += text; });
      response.once('end', () => {
        try {
          resolve(JSON.parse(body));
        } catch {
          resolve(undefined);
        }
      });
    });
    call.once('error', reject);
    call.end();
  });
}
