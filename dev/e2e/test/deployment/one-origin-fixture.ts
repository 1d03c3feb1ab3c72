import {
  ensureCaddy,
  freePort,
  ManagedProcess,
  ProcessGroup,
  programEnvironment,
  SERVICE_NAMES,
  SERVICES,
  temporaryDirectory,
  firstReplicaOf,
  type LatchkeyStack,
} from '@latchkey/local-stack';
import { readFileSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { startStack } from '../../src/running-stack.js';

const CADDYFILE = new URL('../../../../deploy/Caddyfile.one-origin', import.meta.url);

/** A stack behind Caddy with deploy/Caddyfile.one-origin. */
export interface OneOrigin {
  readonly origin: string;
  readonly stack: LatchkeyStack;
  close(): Promise<void>;
}

/**
 * @param files the folder with the application's files, SITE_FILES
 * @param console the folder with the console's files
 */
export async function startOneOrigin(files: string, console: string): Promise<OneOrigin> {
  const port = await freePort();
  const origin = `https://localhost:${port}`;
  const all = {
    ISSUER: `${origin}/auth`,
    // The origin of ISSUER is the default, and no page has another one.
    SESSION_ORIGINS: '',
    CORS_ORIGINS: '',
    ACCESS_TOKEN_COOKIE: 'true',
  };
  const running = await startStack({
    sessionStore: 'redis',
    env: { all, auth: { CONSOLE_DIRECTORY: console } },
    // Reach auth directly, because Node.js does not trust Caddy's own authority.
    route: (_, url) => url,
  });
  const processes = new ProcessGroup();
  const closeAll = async () => {
    await processes.close();
    await running.close();
  };
  try {
    await startCaddy(processes, running.stack, port, files);
    return { origin, stack: running.stack, close: closeAll };
  } catch (error) {
    await closeAll();
    throw error;
  }
}

async function startCaddy(
  processes: ProcessGroup,
  stack: LatchkeyStack,
  port: number,
  files: string,
): Promise<void> {
  const folder = temporaryDirectory(processes);
  const caddy = await ensureCaddy({ processes, stateDirectory: folder });
  const config = join(folder, 'Caddyfile');
  writeFileSync(config, localCaddyfile(stack, caddy.version));
  const process = new ManagedProcess({
    ...{ processes, name: 'caddy', command: caddy.path, logFile: join(folder, 'caddy.log') },
    args: ['run', '--adapter', 'caddyfile', '--config', config],
    env: {
      ...programEnvironment(caddy),
      ...{ HOME: folder, XDG_DATA_HOME: folder, XDG_CONFIG_HOME: folder },
      ...{ SITE_ADDRESS: 'localhost', SITE_FILES: files },
      ...{ HTTP_PORT: String(await freePort()), HTTPS_PORT: String(port) },
    },
    isReady: () => accepts(port),
  });
  await process.start();
}

/** The shipped file, with local upstreams instead of the names of containers. */
function localCaddyfile(stack: LatchkeyStack, version: string): string {
  let text = readFileSync(CADDYFILE, 'utf8');
  const upstreams = [
    ['auth', 4000, 'auth'],
    ...SERVICE_NAMES.map((name) => [name, SERVICES[name].port, firstReplicaOf(name)] as const),
  ] as const;
  for (const [name, inside, replica] of upstreams) {
    const { port } = new URL(stack.replicas[replica].url);
    const line = `dynamic a ${name} ${inside} {`;
    if (!text.includes(line)) throw new Error(`deploy/Caddyfile.one-origin has no "${line}"`);
    text = text.replace(line, `dynamic a localhost ${port} {`);
  }
  // Caddy 2.6, which Debian 12 and 13 have, knows the directive by another name and without a limit.
  return version.startsWith('2.6.') ? text.replace(/request_buffers \S+/, 'buffer_requests') : text;
}

const accepts = (port: number) =>
  new Promise<boolean>((resolve) => {
    const socket = connect(port, 'localhost');
    socket.once('connect', () => resolve(true)).once('error', () => resolve(false));
    socket.once('connect', () => socket.destroy());
  });
