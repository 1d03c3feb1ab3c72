import { randomBytes } from 'node:crypto';
import { cpSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  ensureNatsServer,
  ProcessGroup,
  natsPasswords,
  startNats,
  temporaryDirectory,
  type Nats,
  type NatsPasswords,
  type NatsUser,
} from '@latchkey/local-stack';

/** Options for `connect()` of the NATS client. */
export interface NatsCredentials {
  servers: string;
  user: NatsUser;
  pass: string;
  /** The user may subscribe only to inboxes with this prefix. */
  inboxPrefix: string;
}

/** A nats-server for one test, with the users and permissions of deploy/nats.conf. */
export interface TestNats extends Omit<Nats, 'stop'> {
  credentials(user: NatsUser): NatsCredentials;
  /** Shuts the server down. {@link restart} starts it with its data. */
  stop(): Promise<void>;
  /** Kills the server, deletes its data, and starts it on the same port. */
  loseStore(): Promise<void>;
  /** Copies the data. Restarts the server. */
  copyStore(): Promise<void>;
  /** Kills the server, restores the copy, and starts it on the same port. */
  putStoreBack(): Promise<void>;
  /** Ends the server and deletes its data. */
  close(): Promise<void>;
}

/** Writes a changed copy of deploy/nats.conf. */
function changedConfiguration(directory: string, change: (shipped: string) => string): string {
  const shipped = readFileSync(new URL('../../../deploy/nats.conf', import.meta.url), 'utf8');
  const file = join(directory, 'changed.conf');
  writeFileSync(file, change(shipped));
  return file;
}

/** How the server differs from the shipped configuration. */
export interface TestNatsOptions {
  /** Changes the text of deploy/nats.conf. */
  readonly change?: (shipped: string) => string;
  /** Further command-line arguments, such as `--tls`. */
  readonly args?: readonly string[];
}

/** Starts a nats-server with an empty JetStream store, which a test can stop, kill and restart. */
export async function startTestNats({
  change,
  args = [],
}: TestNatsOptions = {}): Promise<TestNats> {
  const processes = new ProcessGroup();
  try {
    const directory = temporaryDirectory(processes);
    const server = await ensureNatsServer({ processes, stateDirectory: directory });
    const passwords = natsPasswords(() => randomBytes(16).toString('hex'));
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
  passwords: NatsPasswords,
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
