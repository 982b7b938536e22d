// Started by bench/build-cases.ts as `serve.ts UPSTREAM SOCKET...`: on each socket the first build is handed on to the daemon at UPSTREAM
// and recorded, and every later one is answered from that. Says "ready" on its standard output.
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { rmSync } from 'node:fs';
import process from 'node:process';
import type { Duplex } from 'node:stream';
import { Recorder } from './record.ts';
import { emptyRecording, isComplete, type Recording } from './recording.ts';
import { ReplayControl } from './replay-control.ts';
import { ReplaySession } from './replay-session.ts';

const UPGRADED = 'HTTP/1.1 101 UPGRADED\r\nContent-Type: application/vnd.docker.raw-stream\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n';

function serve(upstream: string): Server {
  const recording = emptyRecording();
  const recorder = new Recorder(upstream, recording);
  const replay = new ReplayControl(recording);
  const server = createServer((request, response) => void answer(request, response, recording, recorder));
  server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    socket.unshift(head);
    socket.on('error', () => socket.destroy());
    socket.write(UPGRADED);
    void upgraded(request, socket, recorder, recording, replay);
  });
  return server;
}

async function answer(request: IncomingMessage, response: ServerResponse, recording: Recording, recorder: Recorder): Promise<void> {
  const [method, path] = [request.method ?? '', request.url ?? ''];
  const { status, headers, body } = recording.plain.get(`${method} ${path}`) ?? await recorder.plain(method, path);
  response.writeHead(status, { ...headers } as Record<string, string | string[]>);
  response.end(body);
}

async function upgraded(request: IncomingMessage, socket: Duplex, recorder: Recorder, recording: Recording, replay: ReplayControl): Promise<void> {
  const path = request.url ?? '';
  const isSession = path.endsWith('/session');
  if (!isComplete(recording)) {
    const offered = Object.fromEntries(Object.entries(request.headers).filter(([name]) => name.startsWith('x-docker-')).map(([name, value]) => [name, String(value)]));
    await (isSession ? recorder.session(socket, path, offered) : recorder.control(socket, path));
    return;
  }
  if (isSession) replay.attach(String(request.headers['x-docker-expose-session-uuid']), new ReplaySession(socket));
  else replay.serve(socket);
}

const [upstream = '', ...sockets] = process.argv.slice(2);
await Promise.all(sockets.map((socket) => {
  rmSync(socket, { force: true });
  return new Promise<void>((resolve) => serve(upstream).listen(socket, () => resolve()));
}));
process.stdout.write('ready\n');
