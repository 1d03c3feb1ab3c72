import { waitFor } from '@latchkey/testing';
import { decodeJwt } from 'jose';
import { codeOf, useTokenIssuer } from './token-issuer-fixture.js';

const bed = useTokenIssuer();
const issuer = () => bed.current;

describe('a token of the service itself', () => {
  it('is for one audience and the scopes that are asked for', async () => {
    const tokens = issuer().tokens();
    const claims = decodeJwt(await tokens.own('inventory', ['b', 'a', 'b']));
    expect(claims).toMatchObject({ sub: 'orders', aud: ['inventory'], scope: 'a b' });
    expect(Object.fromEntries(issuer().requests[0]!)).toEqual({
      grant_type: 'client_credentials',
      audience: 'inventory',
      scope: 'a b',
    });
    expect(issuer().server.received.at(-1)!.headers.authorization).toMatch(/^Basic /);
  });

  it('is obtained once for each audience and scope, however the scopes are spelled', async () => {
    const tokens = issuer().tokens();
    const all = [
      ...['a b', 'b a', ' a  b a', ['b', 'a'], ['a', 'b', 'a', '']].map((scopes) =>
        tokens.own('inventory', scopes),
      ),
      tokens.own('inventory', 'a'),
      tokens.own('payments', 'a b'),
      tokens.own('inventory', ''),
      tokens.own('inventory', []),
    ];
    expect(new Set(await Promise.all(all)).size).toBe(4);
    expect(issuer().requests).toHaveLength(4);
    expect(tokens.status()).toMatchObject({ entries: 4, ownTokens: 4, exchanges: 0 });
  });

  it('is renewed in the background when most of its life is over, while the old one is used', async () => {
    const tokens = issuer().tokens();
    const first = await tokens.own('inventory', 'a');
    issuer().clock.pass(239);
    expect(await tokens.own('inventory', 'a')).toBe(first);
    expect(issuer().requests).toHaveLength(1);
    issuer().clock.pass(2);
    const during = await Promise.all(
      Array.from({ length: 50 }, () => tokens.own('inventory', 'a')),
    );
    expect(new Set(during)).toEqual(new Set([first]));
    await waitFor(async () => (await tokens.own('inventory', 'a')) !== first);
    expect(issuer().requests).toHaveLength(2);
  });

  it('is used until it expires if it cannot be renewed, and never longer', async () => {
    const tokens = issuer().tokens();
    const first = await tokens.own('inventory', 'a');
    issuer().reply = () => ({ status: 400, body: { error: 'unauthorized_client' } });
    issuer().clock.pass(299);
    for (let time = 0; time < 20; time++) expect(await tokens.own('inventory', 'a')).toBe(first);
    await waitFor(() => tokens.status().refusals === 1);
    issuer().clock.pass(2);
    expect(await codeOf(tokens.own('inventory', 'a'))).toBe('unauthorized_client');
  });

  it('is dropped when the client is revoked, and a new one is asked for', async () => {
    const tokens = issuer().tokens();
    const first = await tokens.own('inventory', 'a');
    const before = Math.floor(issuer().clock.now() / 1000) + 1;
    issuer().revoke({ kind: 'client', clientId: 'orders', before });
    issuer().clock.pass(2);
    const second = await tokens.own('inventory', 'a');
    expect(second).not.toBe(first);
    expect(tokens.status()).toMatchObject({ entries: 1, dropped: 1 });
    // A token that is as old as the revocation is not used, even if the issuer has just sent it.
    issuer().reply = async (form) => ({ body: await issuer().issue(form, { iat: before - 1 }) });
    expect(await codeOf(tokens.own('payments', 'a'))).toBe('revoked');
    expect(tokens.status().entries).toBe(1);
  });
});

describe('a token to act for a user', () => {
  it('is for one audience and scope, and for the user of the principal', async () => {
    const principal = await issuer().principal({ subject: 'ada' });
    const claims = decodeJwt(await issuer().tokens().onBehalfOf(principal, 'inventory', 'a'));
    expect(claims).toMatchObject({
      sub: 'ada',
      sid: principal.sessionId,
      aud: ['inventory'],
      scope: 'a',
      act: { sub: 'orders' },
    });
  });

  it('is obtained once, however many callers want it at the same time', async () => {
    const tokens = issuer().tokens();
    const principal = await issuer().principal();
    const call = () => tokens.onBehalfOf(principal, 'inventory', 'a');
    const all = await Promise.all(Array.from({ length: 1_000 }, call));
    expect(new Set(all).size).toBe(1);
    expect(issuer().requests).toHaveLength(1);
    expect(tokens.status()).toMatchObject({ entries: 1, exchanges: 1 });
    await Promise.all(Array.from({ length: 1_000 }, call));
    expect(issuer().requests).toHaveLength(1);
    expect(tokens.status().hits).toBe(1_000);
  });

  it('is obtained once for each user, if many of them come at the same time', async () => {
    const tokens = issuer().tokens();
    const users = Array.from({ length: 100 }, (_, user) => `user-${user}`);
    const principals = await Promise.all(users.map((subject) => issuer().principal({ subject })));
    const all = await Promise.all(
      [...principals, ...principals].map((one) => tokens.onBehalfOf(one, 'inventory', 'a')),
    );
    expect(all.map((token) => decodeJwt(token).sub)).toEqual([...users, ...users]);
    expect(tokens.status()).toMatchObject({ entries: 100, exchanges: 100 });
  });

  it('is not that of another session, token, user or issuer', async () => {
    const tokens = issuer().tokens();
    const variants = [
      { subject: 'ada', sessionId: 's1' },
      { subject: 'ada', sessionId: 's2' },
      { subject: 'ada', sessionId: 's1', claims: { jti: 'other' } },
      { subject: 'eve', sessionId: 's1' },
    ];
    const principals = await Promise.all(variants.map((variant) => issuer().principal(variant)));
    const obtained = await Promise.all(
      principals.map((principal) => tokens.onBehalfOf(principal, 'inventory', 'a')),
    );
    expect(new Set(obtained).size).toBe(4);
    expect(obtained.map((token) => decodeJwt(token).sub)).toEqual(['ada', 'ada', 'ada', 'eve']);
    // A second verification of the same token finds the same entry.
    expect(issuer().requests).toHaveLength(4);
  });

  it('lives no longer than its subject token', async () => {
    const tokens = issuer().tokens();
    // This issuer gives more than it should.
    issuer().reply = async (form) => {
      const answer = await issuer().issue(form, { exp: undefined });
      return { body: { ...answer, expires_in: 3_000 } };
    };
    const expiresAt = Math.floor(issuer().clock.now() / 1000) + 100;
    const principal = await issuer().principal({ expiresAt });
    const first = await tokens.onBehalfOf(principal, 'inventory', 'a');
    issuer().clock.pass(90);
    expect(await tokens.onBehalfOf(principal, 'inventory', 'a')).toBe(first);
    issuer().clock.pass(11);
    expect(await codeOf(tokens.onBehalfOf(principal, 'inventory', 'a'))).toBe('expired');
    expect(issuer().requests).toHaveLength(1);
  });

  it('is not renewed if the next one would end at the same time', async () => {
    const tokens = issuer().tokens();
    const expiresAt = Math.floor(issuer().clock.now() / 1000) + 100;
    const principal = await issuer().principal({ expiresAt });
    const first = await tokens.onBehalfOf(principal, 'inventory', 'a');
    issuer().clock.pass(98);
    for (let time = 0; time < 20; time++)
      expect(await tokens.onBehalfOf(principal, 'inventory', 'a')).toBe(first);
    expect(issuer().requests).toHaveLength(1);
  });

  it('is renewed while its subject token lives on', async () => {
    const tokens = issuer().tokens();
    const principal = await issuer().principal();
    const first = await tokens.onBehalfOf(principal, 'inventory', 'a');
    issuer().clock.pass(250);
    expect(await tokens.onBehalfOf(principal, 'inventory', 'a')).toBe(first);
    await waitFor(async () => (await tokens.onBehalfOf(principal, 'inventory', 'a')) !== first);
    expect(issuer().requests).toHaveLength(2);
  });

  it.each<[string, (clock: typeof bed.current.clock) => void]>([
    ['forward', (clock) => (clock.offset += 3_000_000)],
    ['backward', (clock) => (clock.offset -= 3_000_000)],
  ])('expires in time although the clock was set %s', async (_, set) => {
    const tokens = issuer().tokens();
    const first = await tokens.own('inventory', 'a');
    set(issuer().clock);
    const second = await tokens.own('inventory', 'a');
    const third = await tokens.own('inventory', 'a');
    expect(third).toBe(second);
    expect(issuer().requests.length).toBeLessThanOrEqual(2);
    issuer().clock.monotonicOffset += 301_000;
    expect(await tokens.own('inventory', 'a')).not.toBe(second);
    expect(first).toBeDefined();
  });

  it('is refused for a copy of the principal, which has no credential', async () => {
    const copy = { ...(await issuer().principal()) };
    expect(await codeOf(issuer().tokens().onBehalfOf(copy, 'inventory', 'a'))).toBe(
      'no_subject_token',
    );
    expect(issuer().requests).toHaveLength(0);
  });

  it('is one of at most `maxEntries`', async () => {
    const tokens = issuer().tokens({ maxEntries: 3 });
    const principals = await Promise.all([1, 2, 3, 4, 5].map(() => issuer().principal()));
    for (const principal of principals) await tokens.onBehalfOf(principal, 'inventory', 'a');
    expect(tokens.status()).toMatchObject({ entries: 3, exchanges: 5 });
    await tokens.onBehalfOf(principals[4]!, 'inventory', 'a');
    expect(tokens.status().exchanges).toBe(5);
    await tokens.onBehalfOf(principals[0]!, 'inventory', 'a');
    expect(tokens.status().exchanges).toBe(6);
  });
});

describe('a log-out', () => {
  const revocations: [
    string,
    (principal: {
      sessionId?: string;
      tokenId?: string;
      subject: string;
      keyId: string;
    }) => { kind: string } & Record<string, unknown>,
  ][] = [
    ['the session', ({ sessionId }) => ({ kind: 'session', sessionId })],
    ['the subject token', ({ tokenId }) => ({ kind: 'token', tokenId })],
    ['the user', ({ subject }) => ({ kind: 'subject', subject, before: 9_999_999_999 })],
    [
      'the client that logged in',
      () => ({ kind: 'client', clientId: 'rare', before: 9_999_999_999 }),
    ],
  ];

  it.each(revocations)('ends the token immediately: %s', async (_, revocationOf) => {
    const tokens = issuer().tokens();
    const principal = await issuer().principal({ subject: 'mary', claims: { client_id: 'rare' } });
    const other = await issuer().principal({ subject: 'eve' });
    const ofOther = await tokens.onBehalfOf(other, 'inventory', 'a');
    await tokens.onBehalfOf(principal, 'inventory', 'a');
    issuer().revoke(revocationOf(principal));
    expect(await codeOf(tokens.onBehalfOf(principal, 'inventory', 'a'))).toBe('revoked');
    expect(await codeOf(tokens.onBehalfOf(principal, 'payments', 'a'))).toBe('revoked');
    expect(tokens.status()).toMatchObject({ entries: 1, dropped: 1, exchanges: 2 });
    expect(issuer().requests).toHaveLength(2);
    expect(await tokens.onBehalfOf(other, 'inventory', 'a')).toBe(ofOther);
  });

  it('that arrives while the issuer is asked refuses all who wait, and nothing is kept', async () => {
    const tokens = issuer().tokens();
    const principal = await issuer().principal();
    let answer = () => {};
    const answered = new Promise<void>((resolve) => (answer = resolve));
    issuer().reply = async (form) => {
      const body = await issuer().issue(form);
      await answered;
      return { body };
    };
    const calls = Array.from({ length: 10 }, () =>
      codeOf(tokens.onBehalfOf(principal, 'inventory', 'a')),
    );
    await waitFor(() => issuer().requests.length === 1);
    issuer().revokeSession(principal.sessionId!);
    answer();
    expect(new Set(await Promise.all(calls))).toEqual(new Set(['revoked']));
    expect(tokens.status().entries).toBe(0);
  });

  it('of the exchanged token alone asks the issuer anew', async () => {
    const tokens = issuer().tokens();
    const principal = await issuer().principal();
    const first = await tokens.onBehalfOf(principal, 'inventory', 'a');
    issuer().revoke({ kind: 'token', tokenId: decodeJwt(first).jti });
    const second = await tokens.onBehalfOf(principal, 'inventory', 'a');
    expect(second).not.toBe(first);
    expect(issuer().requests).toHaveLength(2);
  });

  it('has no effect on the cache if revocations are ignored', async () => {
    const tokens = issuer().tokens({ revocations: 'ignore' });
    const principal = await issuer().principal();
    const first = await tokens.onBehalfOf(principal, 'inventory', 'a');
    issuer().revokeSession(principal.sessionId!);
    expect(await tokens.onBehalfOf(principal, 'inventory', 'a')).toBe(first);
  });
});

describe('a token that its service rejected', () => {
  it('is replaced once, however many callers it was rejected for', async () => {
    const tokens = issuer().tokens();
    const principal = await issuer().principal();
    const rejected = await tokens.onBehalfOf(principal, 'inventory', 'a');
    const again = () => tokens.onBehalfOf(principal, 'inventory', 'a', { rejected });
    const all = await Promise.all(Array.from({ length: 500 }, again));
    expect(new Set(all).size).toBe(1);
    expect(all[0]).not.toBe(rejected);
    expect(issuer().requests).toHaveLength(2);
    // A slow caller learns of the rejection later.
    expect(await again()).toBe(all[0]);
    expect(issuer().requests).toHaveLength(2);
  });

  it('is not replaced again immediately if the next one is rejected as well', async () => {
    const tokens = issuer().tokens();
    let rejected = await tokens.own('inventory', 'a');
    rejected = await tokens.own('inventory', 'a', { rejected });
    for (let time = 0; time < 20; time++)
      expect(await tokens.own('inventory', 'a', { rejected })).toBe(rejected);
    expect(issuer().requests).toHaveLength(2);
    issuer().clock.pass(11);
    expect(await tokens.own('inventory', 'a', { rejected })).not.toBe(rejected);
  });
});
