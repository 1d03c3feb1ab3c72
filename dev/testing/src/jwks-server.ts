import { once } from 'node:events';
import {
  createServer,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type ServerResponse,
} from 'node:http';
import type { AddressInfo } from 'node:net';

/**
 * How the server answers: `ok` with the key set, `error` with 500, `garbage` with invalid JSON,
 * `empty` with a key set without keys, `redirect` to another path that has the keys, `hang` never,
 * `cut` by closing the connection, `marked` with a byte order mark before the key set, `missing` with
 * 404 and an HTML page.
 */
export type JwksBehaviour =
  'ok' | 'error' | 'garbage' | 'empty' | 'redirect' | 'hang' | 'cut' | 'marked' | 'missing';

/** A real HTTP server that serves an issuer's key set. */
export interface JwksServer {
  /** Suits as `iss`: verifiers look for the key set at its default path. No trailing slash. */
  readonly origin: string;
  /** The URL of the key set. */
  readonly url: string;
  /** The number of requests so far. */
  readonly requests: number;
  /** The paths of the requests so far. */
  readonly paths: readonly string[];
  /** Takes effect from the next request on. */
  behave(behaviour: JwksBehaviour): void;
  /** Sets the source of the keys, which is read at each request. */
  serve(source: JwksSource): void;
  /** Answers another path of the issuer, such as that of its token endpoint. */
  serveAt(path: string, answer: PathAnswer): void;
  close(): Promise<void>;
}

/** Answers a request, which has been read, with a status and JSON. */
export type PathAnswer = (
  body: string,
  headers: IncomingHttpHeaders,
) => Promise<{ readonly status: number; readonly body: unknown }>;

export interface JwksSource {
  jwks(): unknown;
}

const PATH = '/.well-known/jwks.json';
const ELSEWHERE = '/moved/jwks.json';

/** Serves a key set on a free port of the loopback interface. */
export async function startJwksServer(source: JwksSource = { jwks: () => ({ keys: [] }) }) {
  let serving = source;
  let behaviour: JwksBehaviour = 'ok';
  let requests = 0;
  const paths: string[] = [];
  const answers = new Map<string, PathAnswer>();
  const server = createServer((request, response) => {
    requests++;
    paths.push(request.url ?? '');
    const other = answers.get(request.url ?? '');
    if (other) void answerWith(other, request, response);
    else if (request.url === ELSEWHERE) sendJson(response, serving.jwks());
    else answer(response, behaviour, () => serving.jwks());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    origin,
    url: `${origin}${PATH}`,
    get requests() {
      return requests;
    },
    paths,
    behave: (next) => {
      behaviour = next;
    },
    serve: (next) => {
      serving = next;
    },
    serveAt: (path, answer) => void answers.set(path, answer),
    close: async () => {
      if (!server.listening) return;
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  } satisfies JwksServer;
}

async function answerWith(
  answer: PathAnswer,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  let text = '';
  for await (const chunk of request) text += String(chunk);
  const { status, body } = await answer(text, request.headers);
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}

function answer(response: ServerResponse, behaviour: JwksBehaviour, jwks: () => unknown): void {
  switch (behaviour) {
    case 'ok':
      return sendJson(response, jwks());
    case 'empty':
      return sendJson(response, { keys: [] });
    case 'error':
      response.writeHead(500).end('the issuer is broken');
      return;
    case 'garbage':
      response.writeHead(200, { 'content-type': 'application/json' }).end('<html>{');
      return;
    case 'redirect':
      response.writeHead(302, { location: ELSEWHERE }).end();
      return;
    case 'cut':
      response.destroy();
      return;
    case 'marked':
      return sendJson(response, jwks(), '\uFEFF');
    case 'missing':
      response.writeHead(404, { 'content-type': 'text/html' }).end('<h1>Not Found</h1>');
      return;
    case 'hang':
      return;
  }
}

function sendJson(response: ServerResponse, body: unknown, before = ''): void {
  const text = before + JSON.stringify(body);
  response.writeHead(200, { 'content-type': 'application/json' }).end(text);
}
