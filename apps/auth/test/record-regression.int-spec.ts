import { jest } from '@jest/globals';
import { ProcessGroup } from '@latchkey/local-stack';
import { RewindablePostgres, startTestNats, waitFor, type TestNats } from '@latchkey/testing';
import { AuthReplica, ISSUER, keyIdOf, type Answer } from './auth-fixture.js';
import { expireAllMessages, streamMetadata } from './stream-fixture.js';
import { askStatus, idsOf } from './status-fixture.js';
import { RunningVerifier } from './verifier-fixture.js';

jest.setTimeout(120_000);

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
  const whileAuthIsStopped = async (happen: () => Promise<void>) => {
    await auth.close();
    await happen();
    auth = await startAuth();
  };
  const decode = (jws: string) => Buffer.from(jws.split('.')[1]!, 'base64url').toString();
  const publishedKeys = async () => {
    const answer = await fetch(`${auth.url}/.well-known/jwks.json`);
    return ((await answer.json()) as { keys: unknown[] }).keys.length;
  };
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
    });
  /** Retries while the database is only just available again. */
  const answered = (status: () => Promise<number>) =>
    waitFor(async () => (await status()) === 204, { what: 'a log-out', timeoutMs: 30_000 });
  const becomesFresh = (verifier: RunningVerifier) =>
    waitFor(() => verifier.denyList.stalenessSeconds(ISSUER) < 2, {
      what: 'a fresh verifier',
      timeoutMs: 30_000,
    });
  const logged = (phrase: string) =>
    auth.log.text.split('\n').filter((line) => line.includes(phrase));
  const linesWith = (phrase: string) =>
    logged(phrase).map((line) => JSON.parse(line) as Record<string, unknown>);
  const regressionsLogged = () => logged('has gone backward');

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
      'keeps every confirmed log-out if auth %s',
      async (after) => {
        await prepare();
        await waitFor(() => auth.isReady(), { what: 'auth after a restart of the database' });
        const verifier = await startVerifier();
        const before = await Promise.all([1, 2, 3, 4].map(logIn));
        const later = await Promise.all([1, 2, 3, 4].map(logIn));
        const { token: first } = await logIn();
        await answered(() => logOut(first));
        await separate();
        await becomesFresh(verifier);
        for (const { token } of before) await answered(() => logOut(token));
        if (after === 'is started again') await whileAuthIsStopped(goBack);
        else await goBack();
        for (const { token } of later) await answered(() => logOut(token));
        for (const { token } of [...before, ...later]) await refusedBy(verifier, token);
        await becomesFresh(verifier);
        await waitFor(() => regressionsLogged().length > 0, { what: 'the error in the log' });
        // Lost revocations were restored from the stream, and their sessions ended again.
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

  it('by fail-over still counts receipts, and positions still increase', async () => {
    await postgres.startStandby();
    await waitFor(() => auth.isReady(), { what: 'auth after a restart of the database' });
    const verifier = await startVerifier();
    const [lost, later, living] = await Promise.all([1, 2, 3].map(logIn));
    const { token: first } = await logIn();
    await answered(() => logOut(first));
    await postgres.cutStandbyOff();
    await becomesFresh(verifier);
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
    await becomesFresh(verifier);
    for (const each of [verifier, await startVerifier()]) {
      for (const position of [before, after]) {
        expect(await each.judge(living!.token, position)).toBe('accepted');
        expect(await each.judge(lost!.token, position)).toBe('revoked');
        expect(await each.judge(later!.token, position)).toBe('revoked');
      }
      expect(await each.judge(living!.token, 999_999_999_999_999)).toBe('revocations_behind');
    }
  });

  it('never says of a token whose log-out was lost that it is not revoked', async () => {
    const { token } = await logIn();
    await answered(async () => logOut((await logIn()).token));
    await postgres.backUp();
    await answered(() => logOut(token));
    await postgres.restore();
    const answers = new Set<unknown>();
    await waitFor(
      async () => {
        const { status, body } = await askStatus(auth, idsOf(token));
        answers.add(status === 200 ? body['revoked'] : body['code']);
        return body['revoked'] === true;
      },
      { what: 'the recovered log-out', timeoutMs: 30_000 },
    );
    expect(answers).not.toContain(false);
    expect(answers).not.toContain(null);
  });

  const RESTORES: [string, () => Promise<void>][] = [
    ['runs on', () => postgres.restore()],
    ['is started again', () => whileAuthIsStopped(() => postgres.restore())],
    [
      'is started again after all events have expired',
      () =>
        whileAuthIsStopped(async () => {
          await postgres.restore();
          await expireAllMessages(nats);
        }),
    ],
  ];

  it.each(RESTORES)('never signs again with a revoked key if auth %s', async (_, restore) => {
    const verifier = await startVerifier();
    const { username, token: old } = await logIn();
    // The backup must contain the successor, or its signatures could not be verified later.
    await waitFor(async () => (await publishedKeys()) === 2, { what: 'a next key' });
    await postgres.backUp();
    await becomesFresh(verifier);
    const admin = await waitFor(() => auth.adminToken().catch(() => undefined));
    const stolen = keyIdOf(old);
    const revoked = await auth.post(`/admin/signing-keys/${stolen}/revoke`, { token: admin });
    expect([202, 204]).toContain(revoked.status);
    await waitFor(async () => (await streamMetadata(nats))['latchkey-revoked-keys'] !== undefined, {
      what: 'the revoked key in the metadata',
    });
    await restore();
    const message = 'revoked a signing key again that had come back';
    await waitFor(() => auth.log.text.includes(message), {
      what: 'the error in the log',
      timeoutMs: 30_000,
    });
    const next = await waitFor(
      async () => {
        const { body, status } = await auth.login(username);
        if (status !== 200 || (await verifier.judge(body.access_token)) !== 'accepted') return;
        return body.access_token;
      },
      { what: 'a token that is accepted', timeoutMs: 30_000 },
    );
    expect(keyIdOf(next)).not.toBe(stolen);
    const young = await startVerifier();
    expect(await young.judge(old)).toMatch(/revoked|unknown_key/);
    expect(await young.judge(next)).toBe('accepted');
  });

  describe('when all keys were replaced after a leak', () => {
    const DOUBTFUL = 'signing key that the record has lost';

    /** @returns the old keys, and a user whose log-out was confirmed after their replacement */
    const replaceAllKeysThen = async (restore: () => Promise<void>) => {
      const user = await logIn();
      await waitFor(async () => (await publishedKeys()) === 2, { what: 'a next key' });
      await becomesFresh(await startVerifier());
      await postgres.backUp();
      const admin = await waitFor(() => auth.adminToken().catch(() => undefined));
      const { keys } = (await auth.send('GET', '/admin/signing-keys', { token: admin })).body;
      expect(keys.map(({ state }) => state).sort()).toEqual(['active', 'pending']);
      // The pending key goes first, as the procedure for a leaked key requires.
      for (const state of ['pending', 'active']) {
        const { keyId } = keys.find((key) => key.state === state)!;
        const path = `/admin/signing-keys/${keyId}/revoke`;
        const { status } = await auth.post(path, { token: await auth.adminToken() });
        expect([202, 204]).toContain(status);
      }
      const leaked = keys.map(({ keyId }) => keyId).sort();
      const remembered = async () => {
        const jws = (await streamMetadata(nats))['latchkey-revoked-keys'];
        return leaked.every((keyId) => jws !== undefined && decode(jws).includes(keyId));
      };
      await waitFor(remembered, { what: 'the revoked key in the metadata', timeoutMs: 30_000 });
      const { refreshToken } = user;
      await answered(async () => (await auth.post('/logout', { json: { refreshToken } })).status);
      await restore();
      await waitFor(() => regressionsLogged().length > 0, {
        what: 'the error in the log',
        timeoutMs: 30_000,
      });
      return { leaked, user };
    };
    const expectOthersToSign = async (leaked: string[], username: string) => {
      const { access_token: next } = await waitFor(
        () => auth.logIn(username).catch(() => undefined),
        { what: 'a log-in', timeoutMs: 30_000 },
      );
      expect(leaked).not.toContain(keyIdOf(next));
      const young = await startVerifier();
      await waitFor(async () => (await young.judge(next)) === 'accepted', {
        what: 'a new token',
        timeoutMs: 30_000,
      });
    };

    it('never signs again with them, and keeps log-outs that their successor signed, if auth runs on', async () => {
      const { leaked, user } = await replaceAllKeysThen(() => postgres.restore());
      const revokedAgain = linesWith('revoked a signing key again that had come back');
      expect(revokedAgain.map(({ keyId }) => keyId).sort()).toEqual(leaked);
      // A running process can verify its own events, whether it reads the keys or the stream first.
      expect(regressionsLogged()[0]).toContain('"keysLost":false');
      expect(linesWith(DOUBTFUL)).toEqual([]);
      expect((await auth.refresh(user.refreshToken)).status).toBe(400);
      await expectOthersToSign(leaked, user.username);
    });

    it.each(RESTORES.slice(1))('never signs again with them if auth %s', async (_, restore) => {
      const { leaked, user } = await replaceAllKeysThen(restore);
      const [lost] = linesWith(DOUBTFUL) as [{ level: unknown; keyIds: string[] }];
      expect({ level: lost.level, keyIds: lost.keyIds.sort() }).toEqual({
        level: 50,
        keyIds: leaked,
      });
      expect(regressionsLogged()[0]).toContain('"keysLost":true');
      await expectOthersToSign(leaked, user.username);
    });
  });
});
