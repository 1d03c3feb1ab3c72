import { createHash, randomUUID } from 'node:crypto';
import { claimsOf, PASSWORD, refreshCookieOf, type Answer } from '../../../test/auth-fixture.js';
import { useAuth } from '../../../test/auth-testbed.js';

const ada = 'ada';
const ORIGIN = { origin: 'http://auth.test:4000' };

describe('a browser whose refresh got no response', () => {
  const { auth, replicas, sql } = useAuth({ replicas: 2, users: [ada] });

  const refresh = async (cookie: string, replica = 0): Promise<Answer> =>
    replicas[replica]!.post('/oauth/token', {
      form: { grant_type: 'refresh_token' },
      headers: { cookie: `__Host-latchkey-refresh=${cookie}`, ...ORIGIN },
    });
  /** Lets the grace period of everything that was issued or used so far pass. */
  const pass = () =>
    sql(
      `UPDATE refresh_tokens
       SET created_at = created_at - interval '1 day', used_at = used_at - interval '1 day'`,
    );
  const successorOf = async (cookie: string, replica = 0): Promise<string> => {
    const answer = await refresh(cookie, replica);
    expect(answer.status).toBe(200);
    return refreshCookieOf(answer)!;
  };
  const refused = { status: 400, body: { error: 'invalid_grant' } };
  const triggersOf = async (sid: string) =>
    (
      await sql<{ trigger: string }>('SELECT trigger FROM revocations WHERE session_id = $1', [sid])
    ).map(({ trigger }) => trigger);

  /** Logs in, refreshes, and lets the grace period pass. */
  const lose = async (user = ada) => {
    const { headers, body } = await auth.login(user, { refreshTokenDelivery: 'cookie' });
    const parent = refreshCookieOf({ headers })!;
    await pass();
    const lost = await successorOf(parent);
    await pass();
    const { sid } = claimsOf(body.access_token);
    return { parent, lost, sid, token: body.access_token };
  };
  /** Lets the grace period pass, and then refreshes. */
  const nextOf = async (cookie: string): Promise<string> => {
    await pass();
    return successorOf(cookie);
  };

  it('gets another successor for its old token, however much later', async () => {
    const { parent, lost, sid } = await lose();
    const second = await successorOf(parent);
    expect(second).not.toBe(lost);
    await nextOf(await nextOf(second));
    expect(await triggersOf(sid)).toEqual([]);
  });

  it('has one that works, whichever of its tabs, at two replicas, got the last response', async () => {
    for (const last of [0, 19]) {
      const { parent, sid } = await lose();
      const tabs = Array.from({ length: 20 }, (_, index) => successorOf(parent, index % 2));
      const successors = await Promise.all(tabs);
      // Each is the cookie for a moment, and another tab starts with it.
      for (const each of successors) expect(await successorOf(each, 1)).toBe(each);
      await nextOf(await nextOf(successors[last]!));
      expect(await triggersOf(sid)).toEqual([]);
    }
  });

  it('may lose that response too, and leaves a bounded number of rows', async () => {
    const { parent, lost, sid } = await lose();
    for (let times = 0; times < 34; times += 1) await successorOf(parent, times % 2);
    expect(await sql('SELECT FROM refresh_tokens WHERE session_id = $1', [sid])).toHaveLength(33);
    const last = await nextOf(await successorOf(parent));
    expect(await sql('SELECT FROM refresh_tokens WHERE session_id = $1', [sid])).toHaveLength(2);
    expect(await triggersOf(sid)).toEqual([]);
    expect((await refresh(last)).status).toBe(200);
    expect(await refresh(lost)).toMatchObject(refused);
  });

  it('never gets the token of a thief who asks all the time', async () => {
    const { parent, sid } = await lose();
    const thief = await successorOf(parent);
    const user = await successorOf(parent, 1);
    expect(user).not.toBe(thief);
    expect(await successorOf(parent)).not.toBe(user);
    await nextOf(user);
    expect(await refresh(thief)).toMatchObject(refused);
    expect(await triggersOf(sid)).toEqual(['refresh_token_reused']);
  });

  it('ends with a thief whose sibling was exchanged by the release before families', async () => {
    const { parent, sid } = await lose();
    const thief = await successorOf(parent);
    const user = await successorOf(parent);
    // That release deletes no sibling, and gives the successor no family.
    const [used, next] = [user, randomUUID()].map((token) =>
      createHash('sha256').update(token).digest(),
    );
    await sql(
      `UPDATE refresh_tokens SET used_at = clock_timestamp(), successor_hash = $2, sealed_successor = $2
       WHERE hash = $1`,
      [used, next],
    );
    await sql('INSERT INTO refresh_tokens (hash, session_id) VALUES ($2, $1)', [sid, next]);
    await pass();
    expect(await refresh(thief)).toMatchObject(refused);
    expect(await triggersOf(sid)).toEqual(['refresh_token_reused']);
  });

  it('goes on with the first successor if that has arrived after all', async () => {
    const { parent, lost, sid } = await lose();
    await successorOf(parent);
    await nextOf(await nextOf(lost));
    expect(await triggersOf(sid)).toEqual([]);
  });

  type Order = (tokens: Record<'parent' | 'lost' | 'second', string>) => [string, string];
  it.each<[string, Order]>([
    ['the second successor is used, then the first', ({ lost, second }) => [second, lost]],
    ['the first successor is used, then the second', ({ lost, second }) => [lost, second]],
    ['the first successor is used, then the parent', ({ lost, parent }) => [lost, parent]],
    ['the second successor is used, then the parent', ({ second, parent }) => [second, parent]],
  ])('reveals a thief who holds another token: %s', async (_, order) => {
    const { parent, lost, sid } = await lose();
    const [used, late] = order({ parent, lost, second: await successorOf(parent) });
    const next = await nextOf(used);
    expect(await refresh(late)).toMatchObject(refused);
    expect(await triggersOf(sid)).toEqual(['refresh_token_reused']);
    expect(await refresh(next)).toMatchObject(refused);
  });

  it('ends the session with a token whose successor was used', async () => {
    const { parent, lost, sid } = await lose();
    await nextOf(lost);
    expect(await refresh(parent)).toMatchObject(refused);
    expect(await triggersOf(sid)).toEqual(['refresh_token_reused']);
  });

  type End = (token: string) => Promise<Answer>;
  it.each<[string, End]>([
    ['the log-out', (token) => auth.post('/logout', { token })],
    [
      'a change of password',
      (token) =>
        auth.post('/password', {
          token,
          json: { currentPassword: PASSWORD, newPassword: 'another correct horse' },
        }),
    ],
  ])('gets nothing after %s', async (_, end) => {
    const { parent, lost, token } = await lose(await auth.register());
    const second = await successorOf(parent);
    expect((await end(token)).status).toBeLessThan(300);
    for (const each of [parent, lost, second]) expect(await refresh(each)).toMatchObject(refused);
  });

  it('keeps its token for the grace period, so that tabs which start one after the other agree', async () => {
    const { body, headers } = await auth.login(ada, { refreshTokenDelivery: 'cookie' });
    const parent = refreshCookieOf({ headers })!;
    const next = await successorOf(parent);
    expect(next).not.toBe(parent);
    // The requests of slower tabs arrive in any order, with either cookie.
    for (const cookie of [next, parent, next, next, parent])
      expect(await successorOf(cookie, 1)).toBe(next);
    expect(await nextOf(next)).not.toBe(next);
    expect(await triggersOf(claimsOf(body.access_token).sid)).toEqual([]);
  });

  it('gets a successor for a token from the future, after the clock of the database was set back', async () => {
    const { headers, body } = await auth.login(ada, { refreshTokenDelivery: 'cookie' });
    const next = await successorOf(refreshCookieOf({ headers })!);
    await sql(
      `UPDATE refresh_tokens SET created_at = created_at + interval '1 hour' WHERE session_id = $1`,
      [claimsOf(body.access_token).sid],
    );
    expect(await successorOf(next)).not.toBe(next);
  });

  it('gets no second successor if the log-in asked for the token in the body', async () => {
    const { refresh_token: token, sid } = await auth.logIn(ada);
    await auth.refresh(token);
    await sql(
      `UPDATE refresh_tokens SET used_at = used_at - interval '11 s' WHERE session_id = $1`,
      [sid],
    );
    expect(await auth.refresh(token)).toMatchObject(refused);
    expect(await triggersOf(sid)).toEqual(['refresh_token_reused']);
  });
});
