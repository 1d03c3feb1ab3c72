/**
 * One Postgres server for a whole Jest run. Plain JavaScript that uses the compiled local-stack,
 * because Jest loads a global setup with Node's own loader.
 */
import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { fileURLToPath } from 'node:url';

const path = (relative) => fileURLToPath(new URL(relative, import.meta.url));

/** @type {(() => Promise<void>) | undefined} */
let end;

async function loadLocalStack() {
  const compiler = path('../../../../node_modules/typescript/bin/tsc');
  const project = path('../../../local-stack/tsconfig.build.json');
  execFileSync(process.execPath, [compiler, '-b', project], { stdio: 'inherit' });
  return import('../../../local-stack/dist/index.js');
}

export async function start() {
  if (process.env.LATCHKEY_TEST_POSTGRES_URL) return;
  const { ProcessGroup, startPostgres, temporaryDirectory } = await loadLocalStack();
  const processes = new ProcessGroup();
  const directory = temporaryDirectory(processes);
  const postgres = await startPostgres({
    processes,
    dataDirectory: `${directory}/postgres`,
    password: randomBytes(16).toString('hex'),
    durable: false,
  });
  process.env.LATCHKEY_TEST_POSTGRES_URL = postgres.url();
  end = () => processes.close();
}

export async function stop() {
  await end?.();
}
