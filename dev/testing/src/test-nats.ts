import { randomBytes } from 'node:crypto';
import { cpSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  ensureNatsServer,
  ProcessGroup,
  NATS_USERS,
  startNats,
  temporaryDirectory,
  type Nats,
  type NatsUser,
} from '@latchkey/local-stack';

/** What a client of one user connects with; fits `connect()` of the NATS client as it is. */
export interface NatsCredentials {
  servers: string;
  user: NatsUser;
  pass: string;
  /** The only inboxes that the user may listen to. */
  inboxPrefix: string;
}

/** A nats-server of a test's own, with the users and permissions of deploy/nats.conf. */
export interface TestNats extends Omit<Nats, 'stop'> {
  credentials(user: NatsUser): NatsCredentials;
  /** Ends the server; {@link restart} brings it back with what it stored. */
  stop(): Promise<void>;
  /** Ends it as a crash would, takes away what it stored, and starts it on the same port. */
  loseStore(): Promise<void>;
  /** Keeps a copy of what it stores, for which the server stops for a moment. */
  copyStore(): Promise<void>;
  /** Ends it as a crash would, puts back the copy, and starts it on the same port. */
  putStoreBack(): Promise<void>;
  /** Ends the server and removes what it stored. */
  close(): Promise<void>;
}

/** deploy/nats.conf with a change to its text, in a file of its own. */
function changedConfiguration(directory: string, change: (shipped: string) => string): string {
  const shipped = readFileSync(new URL('../../../deploy/nats.conf', import.meta.url), 'utf8');
  const file = join(directory, 'changed.conf');
  writeFileSync(file, change(shipped));
  return file;
}

/** What differs from a server as it is shipped. */
export interface TestNatsOptions {
  /** What somebody has made of deploy/nats.conf. */
  readonly change?: (shipped: string) => string;
  /** For its command line, such as `--tls`. */
  readonly args?: readonly string[];
}

/** Starts a new nats-server with an empty JetStream store. It can be stopped, killed, restarted. */
export async function startTestNats({
  change,
  args = [],
}: TestNatsOptions = {}): Promise<TestNats> {
  const processes = new ProcessGroup();
  try {
    const directory = temporaryDirectory(processes);
    const server = await ensureNatsServer({ processes, stateDirectory: directory });
    const passwords = Object.fromEntries(
      NATS_USERS.map((user) => [user, randomBytes(16).toString('hex')]),
    ) as Record<NatsUser, string>;
    const storeDirectory = join(directory, 'nats');
    const nats = await startNats({
      processes,
      stateDirectory: directory,
      storeDirectory,
      passwords,
      server,
      ...(change && { configuration: changedConfiguration(directory, change) }),
      args,
    });
    return withCredentials(nats, passwords, storeDirectory, () => processes.close());
  } catch (error) {
    await processes.close();
    throw error;
  }
}

function withCredentials(
  nats: Nats,
  passwords: Record<NatsUser, string>,
  storeDirectory: string,
  close: () => Promise<void>,
): TestNats {
  const copy = `${storeDirectory}-copy`;
  const replaceStore = async (replace: () => void) => {
    await nats.kill();
    rmSync(storeDirectory, { recursive: true });
    replace();
    await nats.restart();
  };
  return Object.assign(Object.create(nats) as Nats, {
    close,
    loseStore: () => replaceStore(() => undefined),
    copyStore: async () => {
      await nats.stop();
      cpSync(storeDirectory, copy, { recursive: true });
      await nats.restart();
    },
    putStoreBack: () => replaceStore(() => cpSync(copy, storeDirectory, { recursive: true })),
    credentials: (user: NatsUser) => ({
      servers: nats.url,
      user,
      pass: passwords[user],
      inboxPrefix: `_INBOX_${user}`,
    }),
  });
}
