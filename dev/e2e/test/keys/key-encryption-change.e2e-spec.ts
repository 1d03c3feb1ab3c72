import { call, type LatchkeyStack, waitFor } from '@latchkey/local-stack';
import { TestUser } from '@latchkey/testing';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { randomBytes } from 'node:crypto';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { ACCEPTED_EVERYWHERE, statusesEverywhere } from '../../src/everywhere.js';
import { startStack, type RunningStack } from '../../src/running-stack.js';

const MAIN = new URL('../../../../apps/auth/dist/main.js', import.meta.url).href;
const REPLICAS = ['auth', 'auth-2'] as const;
/** Leaves the processor to the replica that starts. */
const PAUSE_MILLISECONDS = 100;
type AuthName = (typeof REPLICAS)[number];

/** The steps of docs/operations.md, with real processes. */
describe('the key-encryption key', () => {
  const [KEY, NEW_KEY] = [randomBytes(32), randomBytes(32)].map((key) => key.toString('base64'));
  const BEFORE = { KEY_ENCRYPTION_KEY: KEY };
  const AFTER = { KEY_ENCRYPTION_KEY: NEW_KEY };
  const STEPS = [
    { KEY_ENCRYPTION_KEY: KEY, KEY_ENCRYPTION_KEY_NEXT: NEW_KEY },
    { KEY_ENCRYPTION_KEY: NEW_KEY, KEY_ENCRYPTION_KEY_PREVIOUS: KEY },
    AFTER,
  ];
  const directory = mkdtempSync(join(tmpdir(), 'latchkey-key-encryption-'));
  const environmentOf = (name: AuthName) => join(directory, `${name}.json`);
  let running: RunningStack;
  let stack: LatchkeyStack;

  /** Writes a main module that reads its environment from a file, which can change between starts. */
  function entryOf(name: string): string | undefined {
    if (name !== 'auth' && name !== 'auth-2') return undefined;
    const file = join(directory, `${name}.mjs`);
    const path = JSON.stringify(environmentOf(name));
    writeFileSync(
      file,
      `import { readFileSync } from 'node:fs';
       Object.assign(process.env, JSON.parse(readFileSync(${path}, 'utf8')));
       await import(${JSON.stringify(MAIN)});`,
    );
    configure(name, BEFORE);
    return file;
  }
  const configure = (name: AuthName, env: object) =>
    writeFileSync(environmentOf(name), JSON.stringify(env));

  beforeAll(async () => {
    running = await startStack({ authReplicas: 2, entryOf });
    ({ stack } = running);
  });
  afterAll(async () => {
    await running?.close();
    rmSync(directory, { recursive: true });
  });

  const replica = (name: AuthName) => stack.replicas[name]!;
  const keySets = () =>
    Promise.all(
      REPLICAS.map(async (name) => {
        const { body } = await call(`${replica(name).url}/.well-known/jwks.json`);
        return body;
      }),
    );

  it('cannot simply be replaced: a replica with another key does not start, and says what to do', async () => {
    const published = await keySets();
    configure('auth-2', AFTER);
    await expect(replica('auth-2').restart()).rejects.toThrow(/ended/);
    const log = readFileSync(replica('auth-2').logFile, 'utf8');
    expect(log).toMatch(/"level":60.*Set that key as KEY_ENCRYPTION_KEY_PREVIOUS if it is older/);
    for (const key of [KEY, NEW_KEY]) expect(log).not.toContain(key);
    configure('auth-2', BEFORE);
    await replica('auth-2').start();
    expect(await keySets()).toEqual(published);
  });

  it('is changed one replica at a time, with crashes, while requests continue', async () => {
    const published = await keySets();
    const ada = await TestUser.register(stack.issuer, 'ada');
    const before = await ada.logIn();
    const seen = new Set<number>();
    let ended = false;
    const callOn = async () => {
      while (!ended) {
        for (const status of await statusesEverywhere(stack, before.access_token)) seen.add(status);
        await delay(PAUSE_MILLISECONDS);
      }
    };
    const calling = callOn();
    try {
      for (const env of STEPS)
        for (const name of REPLICAS) {
          configure(name, env);
          await (name === 'auth' ? replica(name).kill() : replica(name).stop());
          const other = name === 'auth' ? 'auth-2' : 'auth';
          await new TestUser(replica(other).url, ada.username, ada.password).logIn();
          await replica(name).start();
          expect(await keySets()).toEqual(published);
          const { access_token: token } = await ada.logIn();
          expect(await statusesEverywhere(stack, token)).toEqual(ACCEPTED_EVERYWHERE);
        }
      expect((await ada.refresh(before.refresh_token)).status).toBe(200);
    } finally {
      ended = true;
      await calling;
    }
    expect([...seen]).toEqual([200]);
    await waitFor(() =>
      REPLICAS.every((name) =>
        readFileSync(replica(name).logFile, 'utf8').includes(
          'every signing key is encrypted with KEY_ENCRYPTION_KEY"',
        ),
      ),
    );
  });
});
