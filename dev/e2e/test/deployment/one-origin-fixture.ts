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
  type Program,
  type StackEnvironment,
} from '@latchkey/local-stack';
import { readFileSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { startStack } from '../../src/running-stack.js';
import { block, environment, replaced } from './recipe-fixture.js';

const CADDYFILE = new URL('../../../../deploy/Caddyfile.one-origin', import.meta.url);

/** A stack behind Caddy with deploy/Caddyfile.one-origin, and the other origin of docs/spa.md. */
export interface OneOrigin {
  readonly origin: string;
  /** Auth and orders list its pages. */
  readonly otherOrigin: string;
  /** Where pages of the other origin call orders, which is not the origin of auth. */
  readonly ordersOrigin: string;
  readonly stack: LatchkeyStack;
  close(): Promise<void>;
}

/** The folders with the files of each site. */
interface SiteFiles {
  /** SITE_FILES. */
  readonly application: string;
  readonly otherApplication: string;
  readonly console: string;
}

export async function startOneOrigin(folders: SiteFiles): Promise<OneOrigin> {
  const [origin, otherOrigin] = [await freeOrigin(), await freeOrigin()];
  const ordersOrigin = await freeOrigin();
  const running = await startStack({
    sessionStore: 'redis',
    env: environments(origin, otherOrigin, folders.console),
    // Reach auth directly, because Node.js does not trust Caddy's own authority.
    route: (_, url) => url,
  });
  const processes = new ProcessGroup();
  const closeAll = async () => {
    await processes.close();
    await running.close();
  };
  try {
    const folder = temporaryDirectory(processes);
    const caddy = await ensureCaddy({ processes, stateDirectory: folder });
    const config = [
      localCaddyfile(running.stack, caddy.version),
      replaced(block('Another origin', 'Caddyfile'), {
        'app.example.com': new URL(otherOrigin).host,
        '/srv': folders.otherApplication,
        'https://auth.example.com': origin,
        'https://orders.example.com': ordersOrigin,
      }),
      `${new URL(ordersOrigin).host} {`,
      `\treverse_proxy ${running.stack.replicas['orders-1'].url}`,
      '}\n',
    ].join('\n');
    await startCaddy({ processes, folder, caddy, config, origin, files: folders.application });
    return { origin, otherOrigin, ordersOrigin, stack: running.stack, close: closeAll };
  } catch (error) {
    await closeAll();
    throw error;
  }
}

const freeOrigin = async () => `https://localhost:${await freePort()}`;

/** What docs/spa.md sets for either way, and for the console. */
function environments(origin: string, otherOrigin: string, console: string): StackEnvironment {
  const auth = environment('One origin', 'auth', { 'https://shop.example.com': origin });
  const other = { 'https://app.example.com': otherOrigin };
  const { SESSION_ORIGINS, ...cors } = environment('Another origin', 'auth', other);
  return {
    all: {
      ISSUER: auth['ISSUER']!,
      // The origin of ISSUER is the default.
      SESSION_ORIGINS: '',
      CORS_ORIGINS: '',
      ACCESS_TOKEN_COOKIE: 'true',
    },
    auth: {
      ...auth,
      ...cors,
      // Pages of both origins use cookies here.
      SESSION_ORIGINS: `${origin},${SESSION_ORIGINS}`,
      CONSOLE_DIRECTORY: console,
    },
    orders: environment('Another origin', 'orders', other),
  };
}

interface CaddyOptions {
  readonly processes: ProcessGroup;
  readonly folder: string;
  readonly caddy: Program;
  readonly config: string;
  readonly origin: string;
  readonly files: string;
}

async function startCaddy(options: CaddyOptions): Promise<void> {
  const { processes, folder, caddy, origin } = options;
  const config = join(folder, 'Caddyfile');
  writeFileSync(config, options.config);
  const port = Number(new URL(origin).port);
  const process = new ManagedProcess({
    ...{ processes, name: 'caddy', command: caddy.path, logFile: join(folder, 'caddy.log') },
    args: ['run', '--adapter', 'caddyfile', '--config', config],
    env: {
      ...programEnvironment(caddy),
      ...{ HOME: folder, XDG_DATA_HOME: folder, XDG_CONFIG_HOME: folder },
      ...{ SITE_ADDRESS: 'localhost', SITE_FILES: options.files },
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
