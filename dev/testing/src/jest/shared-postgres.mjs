/** One Postgres server for a whole Jest run. */
import { randomBytes } from 'node:crypto';
import { loadLocalStack } from './local-stack.mjs';

/** @type {(() => Promise<void>) | undefined} */
let end;

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
