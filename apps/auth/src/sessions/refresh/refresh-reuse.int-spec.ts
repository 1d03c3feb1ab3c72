import { claimsOf, PASSWORD, type Answer } from '../../../test/auth-fixture.js';
import { useAuth } from '../../../test/auth-testbed.js';
import { familyOf, hashRefreshToken, newRefreshToken } from './refresh-token.js';

const ada = 'ada';

describe('the refresh_token grant', () => {
  const { auth, replicas, sql } = useAuth({ replicas: 2, users: [ada] });

  /** Backdates the use of a session's refresh tokens. */
  const age = (sid: string, seconds: number) =>
    sql(
      `UPDATE refresh_tokens SET used_at = used_at - make_interval(secs => $2) WHERE session_id = $1`,
      [sid, seconds],
    );
  const revocationsOf = (sid: string) =>
    sql<{ trigger: string }>('SELECT trigger FROM revocations WHERE session_id = $1', [sid]);
  const rowsOf = (sid: string) => sql('SELECT FROM refresh_tokens WHERE session_id = $1', [sid]);
  const invalidGrant = { status: 400, body: { error: 'invalid_grant' } };

  describe('when legitimate requests race', () => {
    it('returns the same successor to all of them, across two replicas', async () => {
      const { refresh_token: token, sid } = await auth.logIn(ada);
      const answers = await Promise.all(
        Array.from({ length: 30 }, (_, index) => replicas[index % 2]!.refresh(token)),
      );
      expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 200));
      expect(new Set(answers.map(({ body }) => body.refresh_token)).size).toBe(1);
      expect(await sql('SELECT FROM refresh_tokens WHERE session_id = $1', [sid])).toHaveLength(2);
      expect(await auth.honours(answers[7]!.body.access_token)).toBe(true);
    });

    it('continues the session with that successor', async () => {
      let { refresh_token: token } = await auth.logIn(ada);
      for (let round = 0; round < 5; round += 1) {
        const answers = await Promise.all(replicas.map((replica) => replica.refresh(token)));
        token = answers[round % 2]!.body.refresh_token;
      }
      expect((await auth.refresh(token)).status).toBe(200);
    });
  });

  describe('when a token is reused', () => {
    const expectReuseToEnd = async (sid: string, replay: () => Promise<Answer>, alive: string) => {
      expect(await replay()).toMatchObject(invalidGrant);
      expect(await revocationsOf(sid)).toEqual([{ trigger: 'refresh_token_reused' }]);
      expect(await auth.refresh(alive)).toMatchObject(invalidGrant);
    };

    it('ends the session after the grace period', async () => {
      const { refresh_token: first, sid } = await auth.logIn(ada);
      const { body } = await auth.refresh(first);
      await age(sid, 11);
      await expectReuseToEnd(sid, () => auth.refresh(first), body.refresh_token);
      expect(await auth.honours(body.access_token)).toBe(false);
    });

    it('ends the session for an older ancestor, even within the grace period', async () => {
      const { refresh_token: first, sid } = await auth.logIn(ada);
      const second = await auth.refresh(first);
      const third = await auth.refresh(second.body.refresh_token);
      await expectReuseToEnd(sid, () => auth.refresh(first), third.body.refresh_token);
    });

    it('ends the session for any ancestor, without keeping a row for each', async () => {
      const { refresh_token: first, sid } = await auth.logIn(ada);
      let token = first;
      for (let round = 0; round < 30; round += 1) {
        const answer = await replicas[round % 2]!.refresh(token);
        expect(answer.status).toBe(200);
        token = answer.body.refresh_token;
      }
      expect(await rowsOf(sid)).toHaveLength(2);
      await expectReuseToEnd(sid, () => auth.refresh(first), token);
    });

    it.each(['/logout', '/oauth/revoke'])(
      'ends the session at %s, even with a token whose row was deleted',
      async (path) => {
        const { refresh_token: first, sid } = await auth.logIn(ada);
        const second = await auth.refresh(first);
        const third = await auth.refresh(second.body.refresh_token);
        const sent =
          path === '/logout'
            ? { json: { refreshToken: first } }
            : { form: { token: first, client_id: 'latchkey-web' } };
        expect((await auth.post(path, sent)).status).toBeLessThan(300);
        expect(await revocationsOf(sid)).toHaveLength(1);
        expect(await auth.refresh(third.body.refresh_token)).toMatchObject(invalidGrant);
      },
    );

    it('ignores a token that was never issued', async () => {
      const { refresh_token: token, sid } = await auth.logIn(ada);
      const unknown = [newRefreshToken(), newRefreshToken().slice(24), token.slice(0, 24)];
      for (const each of unknown) expect(await auth.refresh(each)).toMatchObject(invalidGrant);
      expect(await revocationsOf(sid)).toEqual([]);
      expect((await auth.refresh(token)).status).toBe(200);
    });

    it('keeps only the last two tokens of a family that a password change replaced', async () => {
      const user = await auth.register();
      const { refresh_token: first, sid } = await auth.logIn(user);
      const second = await auth.refresh(first);
      const third = await auth.refresh(second.body.refresh_token);
      const changed = await auth.post('/password', {
        token: third.body.access_token,
        json: { currentPassword: PASSWORD, newPassword: 'another battery staple' },
      });
      const fifth = await auth.refresh(changed.body.refresh_token);
      const sixth = await auth.refresh(fifth.body.refresh_token);
      expect(await rowsOf(sid)).toHaveLength(4);
      await expectReuseToEnd(sid, () => auth.refresh(first), sixth.body.refresh_token);
    });

    it('revokes once for concurrent reuse on two replicas', async () => {
      const { refresh_token: first, sid } = await auth.logIn(ada);
      await auth.refresh(first);
      await age(sid, 60);
      const replays = Array.from({ length: 20 }, (_, index) => replicas[index % 2]!.refresh(first));
      for (const answer of await Promise.all(replays)) expect(answer).toMatchObject(invalidGrant);
      expect(await revocationsOf(sid)).toHaveLength(1);
    });

    it("leaves the user's other sessions alone", async () => {
      const [{ refresh_token: first, sid }, other] = [await auth.logIn(ada), await auth.logIn(ada)];
      await auth.refresh(first);
      await age(sid, 60);
      await auth.refresh(first);
      expect(await auth.honours(other.access_token)).toBe(true);
    });
  });

  describe('when a token dates from before families', () => {
    /** Writes a session's newest token and its ancestors as that release did. */
    const giveLegacyTokens = async (sid: string) => {
      const tokens = [1, 2, 3].map(() => newRefreshToken().slice(24));
      await sql('DELETE FROM refresh_tokens WHERE session_id = $1', [sid]);
      for (const [index, token] of tokens.entries())
        await sql(
          `INSERT INTO refresh_tokens (hash, session_id, used_at)
           VALUES ($1, $2, now() - CASE WHEN $3 THEN interval '1 minute' END)`,
          [hashRefreshToken(token), sid, index < 2],
        );
      return tokens;
    };

    it('issues successors that have a family', async () => {
      const { sid } = await auth.logIn(ada);
      let [, , token] = await giveLegacyTokens(sid);
      for (let round = 0; round < 3; round += 1) {
        const answers = await Promise.all(replicas.map((replica) => replica.refresh(token!)));
        expect(answers[0]!.body.refresh_token).toBe(answers[1]!.body.refresh_token);
        token = answers[0]!.body.refresh_token;
      }
      expect(familyOf(token!)).toBeDefined();
    });

    it('ends the session when an ancestor is reused, even after a successor with a family', async () => {
      for (const [refreshes, index] of [
        [0, 0],
        [3, 0],
        [3, 1],
        [3, 2],
      ] as const) {
        const { sid } = await auth.logIn(ada);
        const tokens = await giveLegacyTokens(sid);
        let token = tokens[2]!;
        for (let round = 0; round < refreshes; round += 1)
          token = (await auth.refresh(token)).body.refresh_token;
        expect(await auth.refresh(tokens[index]!)).toMatchObject(invalidGrant);
        expect(await revocationsOf(sid)).toEqual([{ trigger: 'refresh_token_reused' }]);
        expect(await auth.refresh(token)).toMatchObject(invalidGrant);
      }
    });
  });

  describe('when the user logs out', () => {
    it('refuses every token, even within the grace period', async () => {
      const { refresh_token: first } = await auth.logIn(ada);
      const { body } = await auth.refresh(first);
      await auth.post('/logout', { token: body.access_token });
      expect(await auth.refresh(first)).toMatchObject(invalidGrant);
      expect(await auth.refresh(body.refresh_token)).toMatchObject(invalidGrant);
    });

    it.each(['/logout', '/logout/everywhere'])(
      'leaves no valid token from refreshes that race with %s',
      async (path) => {
        for (let round = 0; round < 6; round += 1) {
          const user = await auth.logIn(ada);
          const requests = Array.from({ length: 8 }, (_, index) =>
            replicas[index % 2]!.refresh(user.refresh_token),
          );
          const logout = auth.post(path, { token: user.access_token });
          const answers = await Promise.all(requests);
          expect([202, 204]).toContain((await logout).status);
          for (const { status, body } of answers) {
            if (status !== 200) continue;
            expect(await auth.honours(body.access_token)).toBe(false);
            expect(await auth.refresh(body.refresh_token)).toMatchObject(invalidGrant);
          }
          const [row] = await sql<{ before: number }>(
            `SELECT max(issued_before)::float8 AS before FROM revocations WHERE subject = $1 AND kind = 'subject'`,
            [claimsOf(user.access_token).sub],
          );
          // Verifiers know only the revocation, so it must cover each token by session or by `iat`.
          if (path === '/logout') expect(await revocationsOf(user.sid)).toHaveLength(1);
          else
            for (const { status, body } of answers)
              if (status === 200) expect(claimsOf(body.access_token).iat).toBeLessThan(row!.before);
        }
      },
    );
  });
});
