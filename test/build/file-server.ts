import { once } from 'node:events';
import { readFileSync, statSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';

/** Serves the files of a directory, with their times, to builds of this machine. */
export class FileServer {
  readonly #server: Server;
  root = '';

  private constructor() {
    this.#server = createServer(({ url = '/' }, response) => {
      try {
        const path = join(this.root, new URL(url, 'http://here').pathname);
        const content = readFileSync(path);
        response.writeHead(200, { 'Last-Modified': statSync(path).mtime.toUTCString() }).end(content);
      } catch {
        response.writeHead(404).end();
      }
    });
  }

  static async start(): Promise<FileServer> {
    const files = new FileServer();
    files.#server.listen(0, '127.0.0.1');
    await once(files.#server, 'listening');
    return files;
  }

  get address(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  close(): void {
    this.#server.close();
    this.#server.closeAllConnections();
  }
}
