import { jest } from '@jest/globals';
import { DenyList } from '@latchkey/deny-list';
import { createRevocationFeed, type RevocationFeed } from '@latchkey/deny-list-nats';
import { ProcessGroup } from '@latchkey/local-stack';
import { RewindablePostgres, startTestNats, waitFor, type TestNats } from '@latchkey/testing';
import { createVerifier, type Verifier } from '@latchkey/verifier';
import { jetstreamManager, type JetStreamManager } from '@nats-io/jetstream';
import { connect } from '@nats-io/transport-node';
import { AuthReplica, ISSUER, type Answer } from './auth-fixture.js';

jest.setTimeout(120_000);

const EVENT = { type: 'secevent+jwt', audience: 'urn:latchkey:revocation-feed' };

/** A verifier as a service runs it, which replays the stream when it starts. */
class RunningVerifier {
  private constructor(
    readonly denyList: DenyList,
    private readonly verifier: Verifier,
    private readonly feed: RevocationFeed,
  ) {}

  static async start(auth: AuthReplica, nats: TestNats): Promise<RunningVerifier> {
    const denyList = new DenyList();
    const jwksUri = `${auth.url}/.well-known/jwks.json`;
    const verifier = createVerifier({
      issuers: [{ issuer: ISSUER, audience: 'orders', jwksUri }],
      revocations: denyList,
      whenStale: 'refuse',
      keySet: { cooldownSeconds: 0.1 },
    });
    const { servers, user, pass } = nats.credentials('orders');
    const feed = createRevocationFeed({
      servers,
      user,
      password: pass,
      denyList,
      verifyEvent: async (jws) => (await verifier.verifySignedEvent(jws, EVENT)).claims,
    });
    await feed.start();
    return new RunningVerifier(denyList, verifier, feed);
  }

  /** Its judgement: `accepted`, or the code of the refusal. */
  async judge(token: string, minSerial?: number): Promise<string> {
    const options = minSerial === undefined ? {} : { minSerial };
    return this.verifier.verify(token, options).then(
      () => 'accepted',
      (error: { code?: string }) => error.code ?? 'failed',
    );
  }

  async close(): Promise<void> {
    await this.feed.close();
    this.verifier.close();
  }
}

describe('a record that goes backward', () => {
  const processes = new ProcessGroup();
  let postgres: RewindablePostgres;
  let databaseUrl: string;
  let nats: TestNats;
  let auth: AuthReplica;
  const verifiers: RunningVerifier[] = [];

  const startAuth = () =>
    AuthReplica.start({
      databaseUrl,
      nats: nats.credentials('auth'),
      env: { SIGNING_KEY_PUBLISH_AHEAD_SECONDS: '1' },
    });
  const withoutAuth = async (happens: () => Promise<void>) => {
    await auth.close();
    await happens();
    auth = await startAuth();
  };
  const kidOf = (token: string) =>
    (JSON.parse(Buffer.from(token.split('.')[0]!, 'base64url').toString()) as { kid: string }).kid;
  const decode = (jws: string) => Buffer.from(jws.split('.')[1]!, 'base64url').toString();
  const publishedKeys = async () => {
    const answer = await fetch(`${auth.url}/.well-known/jwks.json`);
    return ((await answer.json()) as { keys: unknown[] }).keys.length;
  };
  const asAuth = async <Reply>(ask: (manager: JetStreamManager) => Promise<Reply>) => {
    const connection = await connect({
      ...nats.credentials('auth'),
      inboxPrefix: '_INBOX_auth',
    });
    try {
      return await ask(await jetstreamManager(connection, { checkAPI: false }));
    } finally {
      await connection.close();
    }
  };
  const streamMetadata = () =>
    asAuth(async (manager) => (await manager.streams.info('REVOCATIONS')).config.metadata ?? {});
  /** As if nobody had published for longer than the age of its messages. */
  const emptyStream = () =>
    asAuth(async (manager) => {
      const { config } = await manager.streams.info('REVOCATIONS');
      await manager.streams.update('REVOCATIONS', {
        max_age: 100_000_000,
        duplicate_window: 100_000_000,
      });
      await waitFor(async () => (await manager.streams.info('REVOCATIONS')).state.messages === 0, {
        what: 'an empty stream',
      });
      const { max_age, duplicate_window } = config;
      await manager.streams.update('REVOCATIONS', { max_age, duplicate_window });
    });
  const startVerifier = async () => {
    const verifier = await RunningVerifier.start(auth, nats);
    verifiers.push(verifier);
    return verifier;
  };
  const logIn = async () => {
    const username = await auth.register();
    const { access_token: token, refresh_token: refreshToken, sid } = await auth.logIn(username);
    return { username, token, refreshToken, sid };
  };
  const logOut = async (token: string) => (await auth.post('/logout', { token })).status;
  const refusedBy = (verifier: RunningVerifier, token: string) =>
    waitFor(async () => (await verifier.judge(token)) === 'revoked', {
      what: 'refusal',
      timeoutMs: 10_000,
    });
  /** Also while the record is only just there again. */
  const answered = (status: () => Promise<number>) =>
    waitFor(async () => (await status()) === 204, { what: 'a log-out', timeoutMs: 30_000 });
  const freshAgain = (verifier: RunningVerifier) =>
    waitFor(() => verifier.denyList.stalenessSeconds(ISSUER) < 2, {
      what: 'a fresh verifier',
      timeoutMs: 30_000,
    });
  const logged = (phrase: string) =>
    auth.log.text.split('\n').filter((line) => line.includes(phrase));
  const linesWith = (phrase: string) =>
    logged(phrase).map((line) => JSON.parse(line) as Record<string, unknown>);
  const loud = () => logged('has gone backward');

  beforeEach(async () => {
    [postgres, nats] = await Promise.all([RewindablePostgres.start(processes), startTestNats()]);
    databaseUrl = await postgres.createDatabase('auth');
    auth = await startAuth();
  });

  afterEach(async () => {
    await Promise.all(verifiers.splice(0).map((verifier) => verifier.close()));
    await auth.close();
    await Promise.all([nats.close(), postgres.close()]);
  });

  afterAll(() => processes.close());

  describe.each([
    [
      'by fail-over to a lagging standby',
      {
        prepare: () => postgres.startStandby(),
        separate: () => postgres.cutStandbyOff(),
        goBack: () => postgres.failOver(),
      },
    ],
    [
      'by a restored copy of its data directory',
      {
        prepare: () => Promise.resolve(),
        separate: () => postgres.backUp(),
        goBack: () => postgres.restore(),
      },
    ],
  ])('%s', (_, { prepare, separate, goBack }) => {
    it.each(['runs on', 'is started again'])(
      'counts every log-out that was answered, when auth %s',
      async (after) => {
        await prepare();
        const verifier = await startVerifier();
        const before = await Promise.all([1, 2, 3, 4].map(logIn));
        const later = await Promise.all([1, 2, 3, 4].map(logIn));
        expect(await logOut((await logIn()).token)).toBe(204);
        await separate();
        await freshAgain(verifier);
        for (const { token } of before) await answered(() => logOut(token));
        if (after === 'is started again') await withoutAuth(goBack);
        else await goBack();
        for (const { token } of later) await answered(() => logOut(token));
        for (const { token } of [...before, ...later]) await refusedBy(verifier, token);
        await freshAgain(verifier);
        await waitFor(() => loud().length > 0, { what: 'a loud line' });
        // Those that the record had lost were taken back from the stream, the sessions too.
        const young = await startVerifier();
        for (const { token, refreshToken } of [...before, ...later]) {
          expect(await young.judge(token)).toBe('revoked');
          expect((await auth.refresh(refreshToken)).status).toBe(400);
        }
        const { token } = await logIn();
        for (const each of [verifier, young]) expect(await each.judge(token)).toBe('accepted');
      },
    );
  });

  it('by fail-over counts receipts and positions on', async () => {
    await postgres.startStandby();
    const verifier = await startVerifier();
    const [lost, later, living] = await Promise.all([1, 2, 3].map(logIn));
    expect(await logOut((await logIn()).token)).toBe(204);
    await postgres.cutStandbyOff();
    await freshAgain(verifier);
    const positionOf = ({ headers }: Answer) => Number(headers.get('revocation-position'));
    const confirmed = (token: string) =>
      waitFor(
        async () => {
          const answer = await auth.post('/logout?confirm=5000', { token });
          return answer.status === 200 && answer.headers.has('revocation-position') && answer;
        },
        { what: 'a confirmed log-out', timeoutMs: 30_000 },
      );
    const before = positionOf(await confirmed(lost!.token));
    await postgres.failOver();
    const answer = await confirmed(later!.token);
    expect(answer.body).toEqual({ known: 1, applied: 1, slowestMs: expect.any(Number) });
    const after = positionOf(answer);
    expect(after).toBeGreaterThan(before);
    await freshAgain(verifier);
    for (const each of [verifier, await startVerifier()]) {
      for (const position of [before, after]) {
        expect(await each.judge(living!.token, position)).toBe('accepted');
        expect(await each.judge(lost!.token, position)).toBe('revoked');
        expect(await each.judge(later!.token, position)).toBe('revoked');
      }
      expect(await each.judge(living!.token, 999_999_999_999_999)).toBe('revocations_behind');
    }
  });

  const RESTORES: [string, () => Promise<void>][] = [
    ['runs on', () => postgres.restore()],
    ['is started again', () => withoutAuth(() => postgres.restore())],
    [
      'is started again when all events have expired',
      () =>
        withoutAuth(async () => {
          await postgres.restore();
          await emptyStream();
        }),
    ],
  ];

  it.each(RESTORES)(
    'never signs again with a key that was revoked, when auth %s',
    async (_, restore) => {
      const verifier = await startVerifier();
      const { username, token: old } = await logIn();
      // The successor has to be known to the backup, or nobody can tell whose word it is.
      await waitFor(async () => (await publishedKeys()) === 2, { what: 'a next key' });
      await postgres.backUp();
      await freshAgain(verifier);
      const admin = await waitFor(() => auth.adminToken().catch(() => undefined));
      const stolen = kidOf(old);
      const revoked = await auth.post(`/admin/signing-keys/${stolen}/revoke`, { token: admin });
      expect(revoked.status).toBe(204);
      await waitFor(async () => (await streamMetadata())['latchkey-revoked-keys'] !== undefined, {
        what: 'the memory of the stream',
      });
      await restore();
      const hasCome = 'revoked a signing key again that had come back';
      await waitFor(() => auth.log.text.includes(hasCome), { what: 'a line', timeoutMs: 30_000 });
      const next = await waitFor(
        async () => {
          const { body, status } = await auth.login(username);
          if (status !== 200 || (await verifier.judge(body.access_token)) !== 'accepted') return;
          return body.access_token;
        },
        { what: 'a token that is accepted', timeoutMs: 30_000 },
      );
      expect(kidOf(next)).not.toBe(stolen);
      const young = await startVerifier();
      expect(await young.judge(old)).toMatch(/revoked|unknown_key/);
      expect(await young.judge(next)).toBe('accepted');
    },
  );

  describe('when all keys were replaced after a leak', () => {
    const DOUBTFUL = 'signing key that the record has lost';

    /** @returns the keys, and a user whose log-out was answered after their replacement */
    const replaceAllKeysThen = async (restore: () => Promise<void>) => {
      const user = await logIn();
      await waitFor(async () => (await publishedKeys()) === 2, { what: 'a next key' });
      await freshAgain(await startVerifier());
      await postgres.backUp();
      const admin = await waitFor(() => auth.adminToken().catch(() => undefined));
      const { keys } = (await auth.send('GET', '/admin/signing-keys', { token: admin })).body;
      expect(keys.map(({ state }) => state).sort()).toEqual(['active', 'pending']);
      // As the procedure for a leaked key says: the one that would take over goes first.
      for (const state of ['pending', 'active']) {
        const { keyId } = keys.find((key) => key.state === state)!;
        const path = `/admin/signing-keys/${keyId}/revoke`;
        const { status } = await auth.post(path, { token: await auth.adminToken() });
        expect([202, 204]).toContain(status);
      }
      const leaked = keys.map(({ keyId }) => keyId).sort();
      const remembered = async () => {
        const jws = (await streamMetadata())['latchkey-revoked-keys'];
        return leaked.every((keyId) => jws !== undefined && decode(jws).includes(keyId));
      };
      await waitFor(remembered, { what: 'the memory of the stream', timeoutMs: 30_000 });
      const { refreshToken } = user;
      await answered(async () => (await auth.post('/logout', { json: { refreshToken } })).status);
      await restore();
      await waitFor(() => loud().length > 0, { what: 'a loud line', timeoutMs: 30_000 });
      return { leaked, user };
    };
    const expectOthersToSign = async (leaked: string[], username: string) => {
      const { access_token: next } = await waitFor(
        () => auth.logIn(username).catch(() => undefined),
        { what: 'a log-in', timeoutMs: 30_000 },
      );
      expect(leaked).not.toContain(kidOf(next));
      const young = await startVerifier();
      await waitFor(async () => (await young.judge(next)) === 'accepted', {
        what: 'a new token',
        timeoutMs: 30_000,
      });
    };

    it('never signs again with them, and counts log-outs that their successor signed, when auth runs on', async () => {
      const { leaked, user } = await replaceAllKeysThen(() => postgres.restore());
      const revokedAgain = linesWith('revoked a signing key again that had come back');
      expect(revokedAgain.map(({ keyId }) => keyId).sort()).toEqual(leaked);
      // A running process can verify what it has signed, whether it reads the keys or the stream first.
      expect(loud()[0]).toContain('"keysLost":false');
      expect(linesWith(DOUBTFUL)).toEqual([]);
      expect((await auth.refresh(user.refreshToken)).status).toBe(400);
      await expectOthersToSign(leaked, user.username);
    });

    it.each(RESTORES.slice(1))('never signs again with them, when auth %s', async (_, restore) => {
      const { leaked, user } = await replaceAllKeysThen(restore);
      const [lost] = linesWith(DOUBTFUL) as [{ level: unknown; keyIds: string[] }];
      expect({ level: lost.level, keyIds: lost.keyIds.sort() }).toEqual({
        level: 50,
        keyIds: leaked,
      });
      expect(loud()[0]).toContain('"keysLost":true');
      await expectOthersToSign(leaked, user.username);
    });
  });
});
