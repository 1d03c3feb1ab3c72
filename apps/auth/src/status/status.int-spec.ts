import { recordRequestStatements } from '@latchkey/service-kit/suite';
import { startTestNats, startTestPostgres, waitFor } from '@latchkey/testing';
import { randomUUID } from 'node:crypto';
import { AuthReplica, claimsOf } from '../../test/auth-fixture.js';
import { useAuth } from '../../test/auth-testbed.js';
import { askStatus, idsOf, statusOf } from '../../test/status-fixture.js';
import { Exchanges, NARROW_POLICY, TRUST_DOMAIN } from '../../test/token-exchange-fixture.js';
import { RunningVerifier } from '../../test/verifier-fixture.js';

describe('POST /revocations/status', () => {
  const testbed = useAuth({ env: { ...NARROW_POLICY, TRUST_DOMAIN } });
  const { auth, sql } = testbed;
  const exchanges = new Exchanges(testbed);

  const logIn = async () => {
    const username = await auth.register();
    const { access_token: token, sid } = await auth.logIn(username);
    return { username, token, sid, ids: idsOf(token) };
  };
  const logOut = (token: string, query = '') => auth.post(`/logout${query}`, { token });
  const NO_VERIFIERS = { known: 0, applied: 0 };
  const NOT_RECORDED = {
    revoked: null,
    reason: 'not_recorded',
    asOf: expect.any(String),
    verifiers: NO_VERIFIERS,
  };

  it('says that a live token is not revoked, as of now, and is not cached', async () => {
    const { ids } = await logIn();
    const before = Date.now() - 50;
    const { status, headers, body } = await askStatus(auth, ids);
    expect({ status, cache: headers.get('cache-control') }).toEqual({
      status: 200,
      cache: 'no-store',
    });
    expect(body).toEqual({ revoked: false, asOf: expect.any(String), verifiers: NO_VERIFIERS });
    const asOf = Date.parse(String(body['asOf']));
    expect(asOf).toBeGreaterThanOrEqual(before);
    expect(asOf).toBeLessThanOrEqual(Date.now() + 50);
  });

  it('is one statement that changes nothing, whether or not there is anything to find', async () => {
    const { token, ids } = await logIn();
    const nothing = { jti: randomUUID(), sid: randomUUID(), sub: randomUUID(), iat: ids.iat };
    await logOut(token);
    for (const each of [ids, nothing, { jti: nothing.jti, iat: 1 }]) {
      const statements = await recordRequestStatements(() => askStatus(auth, each));
      expect(statements).toEqual([expect.stringMatching(/^\s*WITH(?!.*(INSERT|UPDATE|DELETE))/s)]);
    }
  });

  it('accepts ids in upper case', async () => {
    const { token, ids } = await logIn();
    const upper = {
      ...ids,
      sid: ids.sid!.toUpperCase(),
      sub: ids.sub!.toUpperCase(),
      jti: ids.jti!.toUpperCase(),
    };
    expect(await statusOf(auth, upper)).toMatchObject({ revoked: false });
    await exchanges.revoke(token);
    expect(await statusOf(auth, upper)).toMatchObject({ revoked: true, reason: 'token_revoked' });
  });

  it('reports the first of several causes', async () => {
    const { username, token, ids } = await logIn();
    const { access_token: later } = await auth.logIn(username);
    await logOut(token);
    await exchanges.asAdmin('POST', `/users/${username}/disable`);
    expect(await statusOf(auth, ids)).toMatchObject({ reason: 'logout', by: 'user' });
    expect(await statusOf(auth, idsOf(later))).toMatchObject({ reason: 'user_disabled' });
  });

  it('does not apply a log-out everywhere to a later session', async () => {
    const { username, token } = await logIn();
    await auth.post('/logout/everywhere', { token });
    const { access_token: later } = await auth.logIn(username);
    expect(await statusOf(auth, idsOf(later))).toMatchObject({ revoked: false });
  });

  it("says yes of a client's own token that was revoked by itself", async () => {
    const token = (await exchanges.asClient('robot', { audience: 'orders' })).body.access_token;
    await exchanges.revoke(token, 'robot');
    const answer = await statusOf(auth, idsOf(token));
    expect(answer).toMatchObject({ revoked: true, reason: 'token_revoked', by: 'client' });
  });

  describe('of a session that expired', () => {
    it('says when, because its last token may still be valid', async () => {
      const { sid, ids } = await logIn();
      const [row] = await sql<{ at: Date }>(
        `UPDATE sessions SET idle_expires_at = now() - interval '1 second' WHERE id = $1
         RETURNING idle_expires_at AS at`,
        [sid],
      ).then(([rows]) => rows as unknown as [{ at: Date }]);
      expect(await statusOf(auth, ids)).toMatchObject({
        revoked: false,
        sessionExpiredAt: row.at.toISOString(),
      });
    });
  });

  describe('when the record has forgotten the revocation', () => {
    it('still knows how the session ended, then says that the token has expired', async () => {
      const { token, sid, ids } = await logIn();
      await logOut(token);
      const before = await statusOf(auth, ids);
      await sql('DELETE FROM revocations WHERE session_id = $1', [sid]);
      const after = await statusOf(auth, ids);
      expect(after).toMatchObject({ revoked: true, reason: 'logout', by: 'user' });
      const at = (one: object) => Date.parse((one as { at: string }).at);
      expect(Math.abs(at(after) - at(before))).toBeLessThan(5_000);
      await sql('DELETE FROM sessions WHERE id = $1', [sid]);
      expect(await statusOf(auth, ids)).toEqual(NOT_RECORDED);
      const old = { ...ids, iat: ids.iat - 3_700 };
      expect(await statusOf(auth, old)).toEqual({ ...NOT_RECORDED, reason: 'token_expired' });
    });
  });

  describe('to somebody who guesses', () => {
    it('answers the same about accounts and sessions that exist and that do not', async () => {
      const { username, token, ids } = await logIn();
      const own = (await logIn()).ids;
      const { sub, iat } = ids;
      const guesses = (subject: string) => [
        { jti: randomUUID(), sub: subject, iat },
        { sid: randomUUID(), sub: subject, iat },
        { ...own, sub: subject },
        { sid: own.sid!, sub: subject, iat },
      ];
      const answers = async () =>
        Promise.all(
          [...guesses(sub!), ...guesses(randomUUID())].map((each) => statusOf(auth, each)),
        );
      for (const answer of await answers()) expect(answer).toEqual(NOT_RECORDED);
      await exchanges.asAdmin('POST', `/users/${username}/disable`);
      for (const answer of await answers()) expect(answer).toEqual(NOT_RECORDED);
      expect(await statusOf(auth, idsOf(token))).toMatchObject({ reason: 'user_disabled' });
    });

    it('says nothing of a client that the session or token does not belong to', async () => {
      const own = (await logIn()).ids;
      const guess = () => statusOf(auth, { ...own, client_id: 'robot' });
      expect(await guess()).toEqual(NOT_RECORDED);
      const { body } = await exchanges.asClient('robot', { audience: 'orders' });
      const ofRobot = idsOf(body.access_token);
      expect(await statusOf(auth, ofRobot)).toEqual(NOT_RECORDED);
      await exchanges.asAdmin('POST', '/clients/robot/revoke');
      expect(await guess()).toEqual(NOT_RECORDED);
      // Its own token has neither a session nor a record.
      expect(await statusOf(auth, ofRobot)).toEqual(NOT_RECORDED);
    });
  });

  describe('of an exchanged token', () => {
    it('covers the client that got it, for the holder of its jti', async () => {
      const { token, ids } = await logIn();
      const child = idsOf(await exchanges.exchange('orders', token, { audience: 'payments' }));
      const { body } = await exchanges.askForTransaction('orders', token, 'payments:write');
      const { jti, sid, sub, iat } = claimsOf(body.access_token);
      const transaction = { jti, sid, sub, iat, client_id: 'orders' };
      for (const each of [child, transaction])
        expect(await statusOf(auth, each)).toMatchObject({ revoked: false });
      await exchanges.asAdmin('POST', '/clients/orders/revoke');
      for (const each of [child, transaction])
        expect(await statusOf(auth, each)).toMatchObject({
          revoked: true,
          reason: 'client_revoked',
          by: 'administrator',
        });
      const unproven = { ...child, jti: undefined };
      expect(await statusOf(auth, unproven)).toEqual(NOT_RECORDED);
      expect(await statusOf(auth, ids)).toMatchObject({ revoked: false });
    });

    it('cannot know the client of a token that the previous release issued', async () => {
      const { token } = await logIn();
      const child = idsOf(await exchanges.exchange('inventory', token, { audience: 'payments' }));
      await sql('UPDATE exchanged_tokens SET client_id = NULL WHERE token_id = $1', [child.jti]);
      expect(await statusOf(auth, child)).toEqual(NOT_RECORDED);
    });
  });

  describe('with verifiers', () => {
    let verifier: RunningVerifier;
    beforeAll(async () => {
      verifier = await RunningVerifier.start(auth, testbed.nats);
    });
    afterAll(() => verifier.close());

    it('counts those that have reported the revocation, and asks the others', async () => {
      const { token, ids } = await logIn();
      await waitFor(async () => (await statusOf(auth, ids)).verifiers.known === 1);
      await logOut(token);
      await waitFor(async () => (await statusOf(auth, ids)).verifiers.applied === 1, {
        // Without being asked, it reports every five seconds.
        timeoutMs: 2_500,
      });
    });

    it('says no only once a replica that starts has compared the record with the stream', async () => {
      const [live, ended] = [await logIn(), await logIn()];
      await logOut(ended.token);
      await testbed.nats.stop();
      const young = new AuthReplica();
      testbed.closeFirst(() => young.close());
      const { database, nats } = testbed;
      const ready = young.start({ databaseUrl: database.url, nats: nats.credentials('auth') });
      await waitFor(async () => (await statusOf(young, ended.ids)).revoked, { timeoutMs: 20_000 });
      const { status, headers, body } = await askStatus(young, live.ids);
      expect({ status, code: body.code }).toEqual({ status: 503, code: 'record_not_compared' });
      expect(headers.get('retry-after')).toBe('1');
      await nats.restart();
      await ready;
      expect(await statusOf(young, live.ids)).toMatchObject({ revoked: false });
    });

    it('counts none while NATS is down and the revocation is not published', async () => {
      const { token, ids } = await logIn();
      await testbed.nats.stop();
      expect((await logOut(token)).status).toBe(202);
      expect(await statusOf(auth, ids)).toMatchObject({
        revoked: true,
        reason: 'logout',
        verifiers: { known: 1, applied: 0 },
      });
      await testbed.nats.restart();
      await waitFor(async () => (await statusOf(auth, ids)).verifiers.applied === 1, {
        timeoutMs: 30_000,
      });
    });
  });
});

describe('POST /revocations/status without a database', () => {
  it('answers 503, and recovers', async () => {
    const [postgres, nats] = await Promise.all([startTestPostgres(), startTestNats()]);
    const databaseUrl = await postgres.createDatabase('auth', 'a password');
    const auth = await AuthReplica.start({ databaseUrl, nats: nats.credentials('auth') });
    const ids = idsOf((await auth.logIn(await auth.register())).access_token);
    await postgres.stop();
    const { status, headers, body } = await askStatus(auth, ids);
    expect({ status, code: body.code }).toEqual({ status: 503, code: 'database_unavailable' });
    expect(headers.get('retry-after')).toBe('1');
    await postgres.restart();
    await waitFor(async () => (await askStatus(auth, ids)).status === 200, { timeoutMs: 20_000 });
    expect(await statusOf(auth, ids)).toMatchObject({ revoked: false });
    await auth.close();
    await Promise.all([postgres.close(), nats.close()]);
  });
});
