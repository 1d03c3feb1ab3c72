import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { reservePort } from '../processes/free-port.js';
import { ControlProblem, type ControlAnswer } from './control-answer.js';
import { ControlGuard } from './control-guard.js';
import { ControlRoutes, type ControlledStack } from './control-routes.js';

const PREFERRED_PORT = 4062;

/** Sent with every response. */
const HEADERS = {
  'cache-control': 'no-store',
  'x-content-type-options': 'nosniff',
  'cross-origin-resource-policy': 'same-origin',
  vary: 'origin',
};

export interface ControlServerOptions extends ControlledStack {
  /** The origin of the console, the only page that may use the server. */
  readonly origin: string;
  /** False uses any free port, for tests. Default true. */
  readonly preferredPorts?: boolean;
  /** Called for a fault of the server itself. */
  readonly onError: (error: unknown) => void;
}

/** Lets a page look at the local stack and break its parts. Only for development: it knows the demo's passwords. */
export interface ControlServer {
  readonly url: string;
  /** The secret of this start, for the header `latchkey-control-key`. */
  readonly key: string;
  close(): Promise<void>;
}

/** Starts the control server, on the loopback interface only. */
export async function startControlServer(options: ControlServerOptions): Promise<ControlServer> {
  const { origin, preferredPorts = true, onError } = options;
  const key = randomBytes(32).toString('base64url');
  const reserved = await reservePort(preferredPorts ? PREFERRED_PORT : 0);
  const { port } = reserved;
  const url = `http://127.0.0.1:${port}`;
  const guard = new ControlGuard(key, port, origin);
  const routes = new ControlRoutes(options, guard, url);
  const server = createServer(
    { requestTimeout: 5_000, headersTimeout: 5_000 },
    (request, reply) => {
      answerTo(request, routes, onError)
        .then((answer) => send(reply, answer, guard.permission(request)))
        .catch(onError);
    },
  );
  server.maxConnections = 64;
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  const close = async () => {
    server.close();
    server.closeAllConnections();
    await once(server, 'close');
    reserved.release();
  };
  return { url, key, close };
}

async function answerTo(
  request: IncomingMessage,
  routes: ControlRoutes,
  onError: (error: unknown) => void,
): Promise<ControlAnswer> {
  try {
    return await routes.answer(request);
  } catch (error) {
    if (error instanceof ControlProblem) return error.answer;
    // The client has gone, and will not read the answer.
    if ((error as NodeJS.ErrnoException).code !== 'ECONNRESET') onError(error);
    return new ControlProblem(500, 'internal_error', 'The control server failed').answer;
  }
}

function send(
  reply: ServerResponse,
  { status, headers, type, body = '' }: ControlAnswer,
  permission: Readonly<Record<string, string>>,
): void {
  reply.writeHead(status, {
    ...HEADERS,
    ...(type !== undefined && { 'content-type': type }),
    ...(status !== 204 && { 'content-length': String(Buffer.byteLength(body)) }),
    ...permission,
    ...headers,
    // The rest of a body that was refused is not read.
    ...(status >= 400 && { connection: 'close' }),
  });
  reply.end(body);
}
