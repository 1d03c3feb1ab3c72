import { KeyDecryptionError, KeyEncryption, KeyRing, type KeyPolicy } from '@latchkey/issuer';
import {
  startTestNats,
  waitFor,
  waitingFor,
  type TestDatabase,
  type TestNats,
} from '@latchkey/testing';
import { randomBytes } from 'node:crypto';
import type { DataSource } from 'typeorm';
import { AuthReplica } from './auth-fixture.js';
import { ServiceClock } from '../src/platform/clock/service-clock.js';
import { PostgresSigningKeyStore } from '../src/keys/postgres-signing-key-store.js';
import { SigningKeyEntity } from '../src/keys/signing-key.entity.js';
import { connectToSigningKeys, startSigningKeysDatabase } from './signing-keys-fixture.js';
import { startAuthDatabase } from './auth-database.js';

const policy: KeyPolicy = {
  publishAheadSeconds: 0,
  rotationSeconds: 3600,
  retireAfterSeconds: 3600,
  maxReadingAgeSeconds: 30,
};

const [old, fresh] = [randomBytes(32), randomBytes(32)];
/** A replica's configuration at each stage of the change, in order. */
const STEPS = {
  before: new KeyEncryption(old),
  announced: new KeyEncryption(old, { next: fresh }),
  switched: new KeyEncryption(fresh, { previous: old }),
  after: new KeyEncryption(fresh),
};
type Step = keyof typeof STEPS;
const ORDER = Object.keys(STEPS) as Step[];
const PAIRS = ORDER.flatMap((running) => ORDER.map((starting) => [running, starting] as const));
const areNeighbours = ([one, other]: readonly [Step, Step]) =>
  Math.abs(ORDER.indexOf(one) - ORDER.indexOf(other)) <= 1;
const CANNOT_START: readonly string[] = [
  'before,after',
  'announced,after',
  'switched,before',
  'after,before',
];

describe('a change of the key-encryption key', () => {
  let database: TestDatabase;
  const connections: DataSource[] = [];

  /** Opens the connections of one replica. */
  async function connect() {
    const dataSource = await connectToSigningKeys(database);
    connections.push(dataSource);
    return dataSource;
  }
  async function makeRing(step: Step) {
    const keys = (await connect()).getRepository(SigningKeyEntity);
    const store = new PostgresSigningKeyStore(keys, new ServiceClock());
    return new KeyRing({ store, encryption: STEPS[step], policy });
  }
  async function start(step: Step) {
    const ring = await makeRing(step);
    await ring.maintain();
    return ring;
  }
  const kids = (ring: KeyRing) => ring.publicKeys.map(({ kid }) => kid).sort();
  const rows = async () =>
    (await connect()).query<{ kid: string; bytes: Buffer | null }[]>(
      'SELECT kid, encrypted_private_key AS bytes FROM signing_keys ORDER BY created_at, kid',
    );

  beforeEach(async () => {
    database = await startSigningKeysDatabase();
  });

  afterEach(async () => {
    await Promise.all(connections.splice(0).map((dataSource) => dataSource.destroy()));
    await database.drop();
  });

  it.each(PAIRS.filter(areNeighbours))(
    'runs "%s" and "%s" side by side, through rotations by either',
    async (...steps) => {
      const [one, other] = [await start(steps[0]), await start(steps[1])];
      const published = kids(one);
      await one.maintain();
      expect(kids(other)).toEqual(published);
      expect(kids(one)).toEqual(published);
      for (const [first, second] of [
        [one, other],
        [other, one],
      ] as const) {
        expect(await first.rotate()).toMatchObject({ rotated: true });
        await second.maintain();
        await first.maintain();
        for (const ring of [first, second]) expect(ring.encryption.undecryptable).toEqual([]);
        expect(second.signingKey().keyId).toBe(first.signingKey().keyId);
        expect(kids(second)).toEqual(kids(first));
      }
    },
  );

  it.each(PAIRS.filter((pair) => !areNeighbours(pair)))(
    'lets "%s" continue to sign if "%s" starts after a skipped step',
    async (...steps) => {
      const running = await start(steps[0]);
      const [keyId, published] = [running.signingKey().keyId, kids(running)];
      const stored = await rows();
      if (CANNOT_START.includes(steps.join())) {
        await expect(start(steps[1])).rejects.toThrow(KeyDecryptionError);
        expect(await rows()).toEqual(stored);
      } else {
        expect(kids(await start(steps[1]))).toEqual(published);
      }
      await running.maintain();
      expect(running.signingKey().keyId).toBe(keyId);
      expect(kids(running)).toEqual(published);
      expect(await rows()).toHaveLength(2);
    },
  );

  it('creates no key, keeps the key set, and ends when the last key is re-encrypted', async () => {
    const ring = await start('before');
    const published = ring.publicKeys;
    for (const step of ORDER) {
      const [one, other] = [await makeRing(step), await makeRing(step)];
      await Promise.all([one.maintain(), other.maintain()]);
      expect(one.publicKeys).toEqual(published);
      expect(other.signingKey().keyId).toBe(ring.signingKey().keyId);
      const { encryptedWith } = one.encryption;
      expect(encryptedWith).toEqual({ current: 2, previous: 0, next: 0 });
      expect(other.encryption).toEqual(one.encryption);
    }
    expect(await rows()).toHaveLength(2);
  });

  it('is atomic if the replica is killed halfway', async () => {
    await start('before');
    const stored = await rows();
    const admin = await connect();
    const holder = admin.createQueryRunner();
    await holder.startTransaction();
    await holder.query('SELECT FROM signing_keys WHERE kid = $1 FOR UPDATE', [stored[1]!.kid]);

    const killed = await makeRing('switched');
    const failed = expect(killed.maintain()).rejects.toThrow();
    const backendPid = await waitFor(async () => {
      const [pid] = await waitingFor((query, holding) => holder.query(query, holding));
      return pid;
    });
    await admin.query('SELECT pg_terminate_backend($1)', [backendPid]);
    await failed;
    await holder.rollbackTransaction();
    await holder.release();

    expect(await rows()).toEqual(stored);
    const next = await start('switched');
    expect(next.encryption.encryptedWith).toEqual({ current: 2, previous: 0, next: 0 });
    expect((await start('after')).signingKey().keyId).toBe(next.signingKey().keyId);
  });

  it('starts on an older backup only with the key-encryption key of that time', async () => {
    const ring = await start('before');
    const backup = await rows();
    await start('switched');
    const after = await start('after');
    const restoring = await connect();
    for (const { kid, bytes } of backup)
      await restoring.query('UPDATE signing_keys SET encrypted_private_key = $2 WHERE kid = $1', [
        kid,
        bytes,
      ]);

    await expect(start('after')).rejects.toThrow(/set that key as KEY_ENCRYPTION_KEY_PREVIOUS/i);
    expect(await rows()).toEqual(backup);
    await after.maintain();
    expect(after.encryption.undecryptable).toHaveLength(2);
    expect(after.signingKey().keyId).toBe(ring.signingKey().keyId);

    await start('switched');
    await after.maintain();
    expect(after.encryption).toMatchObject({ encryptedWith: { current: 2 }, undecryptable: [] });
  });

  it('replaces keys whose key-encryption key was lost, without logging users out', async () => {
    const lost = await start('before');
    const published = kids(lost);
    // The procedure in docs/operations.md.
    await (
      await connect()
    ).query(
      `UPDATE signing_keys
       SET state = 'retiring', encrypted_private_key = NULL, state_since = clock_timestamp()
       WHERE state IN ('pending', 'active')`,
    );
    const ring = await start('after');
    expect(published).not.toContain(ring.signingKey().keyId);
    expect(kids(ring)).toEqual(expect.arrayContaining(published));
    expect(kids(ring)).toHaveLength(4);
  });
});

describe('the auth service', () => {
  let database: TestDatabase;
  let nats: TestNats;
  beforeAll(async () => {
    [database, nats] = await Promise.all([startAuthDatabase(), startTestNats()]);
  });
  afterAll(async () => {
    await nats.close();
    await database.drop();
  });

  const KEY = old.toString('base64url');
  const NEW_KEY = fresh.toString('base64url');
  const REENCRYPTED = 'signing keys are encrypted with KEY_ENCRYPTION_KEY now';
  const ENVIRONMENTS = [
    { KEY_ENCRYPTION_KEY: KEY },
    { KEY_ENCRYPTION_KEY: KEY, KEY_ENCRYPTION_KEY_NEXT: NEW_KEY },
    { KEY_ENCRYPTION_KEY: NEW_KEY, KEY_ENCRYPTION_KEY_PREVIOUS: KEY },
    { KEY_ENCRYPTION_KEY: NEW_KEY },
  ];
  const start = (env: Readonly<Record<string, string>>) =>
    AuthReplica.start({ databaseUrl: database.url, nats: nats.credentials('auth'), env });
  const keySet = async (replica: AuthReplica) =>
    (await replica.send('GET', '/.well-known/jwks.json')).text;

  it('changes its key on two replicas in turn without logging users out', async () => {
    const replicas = [await start(ENVIRONMENTS[0]!), await start(ENVIRONMENTS[0]!)];
    const ada = await replicas[0]!.register();
    const before = await replicas[0]!.logIn(ada);
    const published = await keySet(replicas[0]!);
    const logs: { text: string }[] = [];
    for (const env of ENVIRONMENTS.slice(1))
      for (const index of [0, 1]) {
        await replicas[index]!.close();
        replicas[index] = await start(env);
        logs.push(replicas[index].log);
        for (const replica of replicas) {
          expect(await replica.isReady()).toBe(true);
          expect(await keySet(replica)).toBe(published);
          expect(await replica.honours(before.access_token)).toBe(true);
          const { access_token: token } = await replica.logIn(ada);
          for (const other of replicas) expect(await other.honours(token)).toBe(true);
        }
      }
    expect((await replicas[0]!.refresh(before.refresh_token)).status).toBe(200);

    // A replica is ready once it has read the keys, and logs the message shortly after.
    const expectLogged = (index: number, message: string) =>
      waitFor(() => logs[index]!.text.includes(`${message}"`));
    await expectLogged(0, 'make it KEY_ENCRYPTION_KEY when every replica says so');
    await expectLogged(2, REENCRYPTED);
    await expectLogged(2, 'remove KEY_ENCRYPTION_KEY_PREVIOUS when every replica says so');
    await expectLogged(3, 'remove KEY_ENCRYPTION_KEY_PREVIOUS when every replica says so');
    await expectLogged(5, 'every signing key is encrypted with KEY_ENCRYPTION_KEY');
    expect(logs.filter(({ text }) => text.includes(REENCRYPTED))).toEqual([logs[2]]);
    for (const { text } of logs)
      for (const secret of [KEY, NEW_KEY]) expect(text).not.toContain(secret);
    await Promise.all(replicas.map((replica) => replica.close()));
  });

  it('replaces its signing keys after the old key has leaked, without logging users out', async () => {
    const replica = await start(ENVIRONMENTS[3]!);
    const ada = await replica.logIn(await replica.register());
    const admin = async () => ({ token: await replica.adminToken() });
    const keyIn = async (state: string) => {
      const { body } = await replica.send('GET', '/admin/signing-keys', await admin());
      return body.keys.find((key) => key.state === state)!.keyId;
    };
    const stolen = [await keyIn('pending'), await keyIn('active')];
    for (const keyId of stolen) {
      const { status } = await replica.post(`/admin/signing-keys/${keyId}/revoke`, await admin());
      expect(status).toBeLessThan(300);
    }
    const published = await keySet(replica);
    for (const keyId of stolen) expect(published).not.toContain(keyId);
    expect(stolen).not.toContain(await keyIn('active'));
    expect(await replica.honours(ada.access_token)).toBe(false);
    expect((await replica.refresh(ada.refresh_token)).status).toBe(200);
    await replica.close();
  });

  it('is ready after a skipped step, and reports which keys it cannot decrypt', async () => {
    const left = await start({ KEY_ENCRYPTION_KEY: NEW_KEY });
    const other = await start({ KEY_ENCRYPTION_KEY: KEY, KEY_ENCRYPTION_KEY_PREVIOUS: NEW_KEY });
    await waitFor(() => left.log.text.includes('cannot be decrypted'));
    expect(left.log.text).toMatch(/"level":50.*Set that key as KEY_ENCRYPTION_KEY_PREVIOUS/);
    const { status, text } = await left.send('GET', '/health/ready');
    expect(status).toBe(200);
    expect(text).toContain('"undecryptable":["');
    const metrics = await fetch(`${left.url}/metrics`);
    expect(await metrics.text()).toMatch(/^latchkey_signing_keys_undecryptable 2$/m);
    await left.logIn(await left.register());
    await Promise.all([left.close(), other.close()]);
  });
});
