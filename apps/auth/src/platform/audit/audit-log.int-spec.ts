import { waitFor } from '@latchkey/testing';
import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { ADMIN, claimsOf, PASSWORD, type Answer } from '../../../test/auth-fixture.js';
import {
  LOCAL_ISSUER,
  logInWithCookie,
  sessionCookieOf,
  useAuthWithRedis,
  withSessionCookie,
} from '../../../test/session-fixture.js';
import {
  Exchanges,
  NARROW_POLICY,
  transactionClaimsOf,
  TRUST_DOMAIN,
} from '../../../test/token-exchange-fixture.js';
import { AUDIT_EVENTS, AUDIT_MESSAGES, type AuditEvent } from './audit-event.js';

const WRONG_PASSWORD = 'a wrong password, never logged';
const NEW_PASSWORD = 'another battery staple';
const UUID = /^[0-9a-f-]{36}$/;

interface Line {
  readonly audit: AuditEvent;
  readonly [name: string]: unknown;
}

/** The fields of an act's line. */
interface Act {
  readonly details: object;
}

describe('the audit log', () => {
  const testbed = useAuthWithRedis({
    env: { ...NARROW_POLICY, TRUST_DOMAIN, SIGNING_KEY_PUBLISH_AHEAD_SECONDS: '1' },
  });
  const { auth, sql } = testbed;
  const exchanges = new Exchanges(testbed);

  /** The lines of one kind, or of all kinds. */
  const linesOf = (event?: AuditEvent): Line[] =>
    auth.log.text
      .split('\n')
      .filter((line) => line.includes('"audit":'))
      .map((line) => JSON.parse(line) as Line)
      .filter(({ audit }) => event === undefined || audit === event);

  async function counts(): Promise<Record<string, number>> {
    const text = await (await fetch(`${auth.url}/metrics`)).text();
    const found = text.matchAll(/^latchkey_audit_events_total\{event="(\w+)"\} (\d+)$/gm);
    return Object.fromEntries(Array.from(found, ([, event = '', count]) => [event, Number(count)]));
  }

  const admin = { token: '', id: '' };
  beforeEach(async () => {
    admin.token = await auth.adminToken();
    admin.id = claimsOf(admin.token).sub;
  });
  const asAdmin = async (method: string, path: string, json?: unknown): Promise<Answer> => {
    const sent = { token: admin.token, ...(json !== undefined && { json }) };
    const answer = await auth.send(method, `/admin${path}`, sent);
    expect(answer.status).toBeLessThan(300);
    return answer;
  };

  async function someone() {
    const username = await auth.register();
    const session = await auth.logIn(username);
    const { sub: subject, sid: sessionId } = claimsOf(session.access_token);
    const ofSession = { subject, sessionId, client: 'latchkey-web' };
    return { username, session, token: session.access_token, subject, sessionId, ofSession };
  }

  async function addClient() {
    const client = `shop-${randomUUID()}`;
    await asAdmin('POST', '/clients', { clientId: client });
    return { by: admin.id, client };
  }

  /** Every event, with a request that causes it last. */
  const ACTS: Record<AuditEvent, () => Promise<Act>> = {
    login: async () => {
      const { ofSession } = await someone();
      return { details: { ...ofSession, credential: 'tokens' } };
    },
    login_failed: async () => {
      const { username, subject } = await someone();
      expect((await auth.login(username, { password: WRONG_PASSWORD })).status).toBe(401);
      return { details: { subject, reason: 'credentials' } };
    },
    refresh_token_reused: async () => {
      const { session, ofSession } = await someone();
      const { body } = await auth.refresh(session.refresh_token);
      await auth.refresh(body.refresh_token);
      expect((await auth.refresh(session.refresh_token)).status).toBe(400);
      return { details: ofSession };
    },
    logout: async () => {
      const { token, subject, sessionId } = await someone();
      await auth.post('/logout', { token });
      // A repetition ends nothing.
      await auth.post('/logout', { token });
      return { details: { subject, sessionId } };
    },
    logout_everywhere: async () => {
      const { token, subject } = await someone();
      await auth.post('/logout/everywhere', { token });
      return { details: { subject } };
    },
    token_revoked: async () => {
      const { token } = await someone();
      await exchanges.revoke(token);
      // A repetition revokes nothing.
      await exchanges.revoke(token);
      const { jti: tokenId } = claimsOf(token);
      return { details: { client: 'latchkey-web', tokenId } };
    },
    session_ended: async () => {
      const { username, subject, sessionId } = await someone();
      const { access_token: token } = await auth.logIn(username);
      await auth.send('DELETE', `/sessions/${sessionId}`, { token });
      return { details: { subject, sessionId } };
    },
    password_changed: async () => {
      const { token, ofSession } = await someone();
      const json = { currentPassword: PASSWORD, newPassword: NEW_PASSWORD };
      expect((await auth.post('/password', { token, json })).status).toBe(200);
      return { details: ofSession };
    },
    password_change_failed: async () => {
      const { token, subject } = await someone();
      const json = { currentPassword: WRONG_PASSWORD, newPassword: NEW_PASSWORD };
      expect((await auth.post('/password', { token, json })).status).toBe(403);
      return { details: { subject, reason: 'credentials' } };
    },
    token_exchanged: async () => {
      const { token, subject, sessionId } = await someone();
      const child = await exchanges.exchange('orders', token, { audience: 'payments' });
      const { jti: tokenId } = claimsOf(child);
      const issued = { client: 'orders', audiences: ['payments'], scope: 'payments:write' };
      return { details: { subject, sessionId, tokenId, ...issued } };
    },
    transaction_token_issued: async () => {
      const { token, subject, sessionId } = await someone();
      const { body } = await exchanges.askForTransaction('orders', token, 'payments:write');
      const { jti: tokenId, txn: transactionId } = transactionClaimsOf(body.access_token);
      const issued = { client: 'orders', audiences: [TRUST_DOMAIN], scope: 'payments:write' };
      return { details: { subject, sessionId, tokenId, transactionId, ...issued } };
    },
    token_exchange_refused: async () => {
      const { token } = await someone();
      await exchanges.ask('orders', token, { audience: 'nobody' });
      const reason = 'The client may not exchange tokens for this service';
      return { details: { client: 'orders', error: 'invalid_target', reason } };
    },
    client_token_issued: async () => {
      const { body } = await exchanges.asClient('robot', { audience: 'orders' });
      const { jti: tokenId, scope } = claimsOf(body.access_token);
      return { details: { client: 'robot', audiences: ['orders'], scope, tokenId } };
    },
    client_token_refused: async () => {
      await exchanges.asClient('checker');
      const reason = 'This client may not use client_credentials';
      return { details: { client: 'checker', error: 'unauthorized_client', reason } };
    },
    user_created: async () => {
      const json = { username: 'created', password: NEW_PASSWORD, roles: ['admin'] };
      const { body } = await asAdmin('POST', '/users', json);
      return { details: { by: admin.id, subject: body['id'], roles: ['admin'] } };
    },
    user_roles_changed: async () => {
      const { username, subject } = await someone();
      await asAdmin('PUT', `/users/${username}/roles`, { roles: ['admin'] });
      return { details: { by: admin.id, subject, roles: ['admin'] } };
    },
    user_password_reset: async () => {
      const { username, subject } = await someone();
      await asAdmin('PUT', `/users/${username}/password`, { password: NEW_PASSWORD });
      return { details: { by: admin.id, subject } };
    },
    user_disabled: async () => {
      const { username, subject } = await someone();
      await asAdmin('POST', `/users/${username}/disable`);
      return { details: { by: admin.id, subject } };
    },
    user_enabled: async () => {
      const { username, subject } = await someone();
      await asAdmin('POST', `/users/${username}/enable`);
      return { details: { by: admin.id, subject } };
    },
    session_ended_by_admin: async () => {
      const { subject, sessionId } = await someone();
      await asAdmin('DELETE', `/sessions/${sessionId}`);
      return { details: { by: admin.id, subject, sessionId } };
    },
    sessions_ended_by_admin: async () => {
      const { username, subject } = await someone();
      await asAdmin('DELETE', `/users/${username}/sessions`);
      return { details: { by: admin.id, subject } };
    },
    client_added: async () => ({ details: await addClient() }),
    client_changed: async () => {
      const details = await addClient();
      await asAdmin('PATCH', `/clients/${details.client}`, { scopes: [] });
      return { details };
    },
    client_removed: async () => {
      const details = await addClient();
      await asAdmin('DELETE', `/clients/${details.client}`);
      return { details };
    },
    client_credential_added: async () => {
      const details = await addClient();
      const { body } = await asAdmin('POST', `/clients/${details.client}/credentials`);
      return { details: { ...details, credentialId: body['id'] } };
    },
    client_credential_removed: async () => {
      const details = await addClient();
      const path = `/clients/${details.client}/credentials`;
      const { body } = await asAdmin('POST', path);
      await asAdmin('DELETE', `${path}/${String(body['id'])}`);
      return { details: { ...details, credentialId: body['id'] } };
    },
    client_revoked: async () => {
      await asAdmin('POST', '/clients/payments/revoke');
      return { details: { by: admin.id, client: 'payments' } };
    },
    signing_key_rotated: async () => {
      const rotate = () => auth.post('/admin/signing-keys/rotate', { token: admin.token });
      const { body } = await waitFor(
        async () => {
          const answer = await rotate();
          return answer.status === 200 && answer;
        },
        { timeoutMs: 10_000, intervalMs: 100 },
      );
      return { details: { by: admin.id, keyId: body['keyId'] } };
    },
    signing_key_revoked: async () => {
      const { body } = await asAdmin('GET', '/signing-keys');
      const { keyId } = body.keys.find(({ state }) => state === 'retiring')!;
      await asAdmin('POST', `/signing-keys/${keyId}/revoke`);
      return { details: { by: admin.id, keyId } };
    },
  };

  it.each(Object.entries(ACTS) as [AuditEvent, () => Promise<Act>][])(
    'has a line and a count for %s',
    async (event, act) => {
      const before = await counts();
      const written = linesOf().length;
      const { details } = await act();
      const line = linesOf(event).at(-1)!;
      expect(line).toEqual({
        ...{ level: 30, name: 'auth', time: expect.any(String), pid: expect.any(Number) },
        hostname: expect.any(String),
        requestId: expect.stringMatching(UUID),
        msg: AUDIT_MESSAGES[event],
        audit: event,
        address: '127.0.0.1',
        ...details,
      });
      const after = await counts();
      const counted = AUDIT_EVENTS.map((name) => after[name]! - before[name]!);
      const lines = linesOf().slice(written);
      expect(counted).toEqual(
        AUDIT_EVENTS.map((name) => lines.filter(({ audit }) => audit === name).length),
      );
      expect(lines.filter(({ audit }) => audit === event).length).toBeGreaterThan(0);
    },
  );

  it.each(['logout', 'token_revoked', 'refresh_token_reused'] as const)(
    'has one line for one %s',
    async (event) => {
      const before = linesOf(event).length;
      await ACTS[event]();
      expect(linesOf(event)).toHaveLength(before + 1);
    },
  );

  it('calls the revocation of a refresh token a log-out, once', async () => {
    const { session, subject, sessionId } = await someone();
    const before = linesOf('logout').length;
    await exchanges.revoke(session.refresh_token);
    await exchanges.revoke(session.refresh_token);
    const lines = linesOf('logout').slice(before);
    expect(lines).toEqual([expect.objectContaining({ subject, sessionId })]);
  });

  it('says how a user logged in', async () => {
    const name = await auth.register();
    const { body } = await logInWithCookie(auth, name);
    expect(linesOf('login').at(-1)).toMatchObject({
      credential: 'cookie',
      sessionId: body['sid'],
      subject: body['subject'],
    });
  });

  it('does not name an account that does not exist, since a name may be a mistyped password', async () => {
    await auth.login('no-such-account', { password: WRONG_PASSWORD });
    const line = linesOf('login_failed').at(-1)!;
    expect(line['reason']).toBe('credentials');
    expect(line).not.toHaveProperty('subject');
    expect(auth.log.text).not.toContain('no-such-account');
  });

  it('has the refusals of clients that do not authenticate, without what they sent', async () => {
    await exchanges.ask('nobody-knows-me', 'x.y.z');
    expect(linesOf('token_exchange_refused').at(-1)).toMatchObject({ error: 'invalid_client' });
    await exchanges.asClient('robot', { client_secret: WRONG_PASSWORD });
    expect(linesOf('client_token_refused').at(-1)).toMatchObject({ error: 'invalid_client' });
    expect(auth.log.text).not.toContain('nobody-knows-me');
  });

  it('says when attempts are throttled', async () => {
    const { username, token, subject } = await someone();
    const json = { currentPassword: WRONG_PASSWORD, newPassword: NEW_PASSWORD };
    const until429 = (attempt: () => Promise<Answer>) =>
      waitFor(async () => (await attempt()).status === 429, { timeoutMs: 20_000, intervalMs: 0 });
    await until429(() => auth.post('/password', { token, json }));
    expect(linesOf('password_change_failed').at(-1)).toMatchObject({
      subject,
      reason: 'throttled',
    });
    await until429(() => auth.login(username, { password: WRONG_PASSWORD }));
    expect(linesOf('login_failed').at(-1)).toMatchObject({ reason: 'throttled' });
    await sql('DELETE FROM login_throttle');
  });

  it('has the address that a trusted proxy reports', async () => {
    const behindProxy = await testbed.startReplica({ TRUST_PROXY: 'true', ISSUER: LOCAL_ISSUER });
    const name = await auth.register();
    await behindProxy.post('/login', {
      json: { username: name, password: PASSWORD },
      headers: { 'x-forwarded-for': '203.0.113.7:4711' },
    });
    const line = behindProxy.log.text.split('\n').find((each) => each.includes('"audit":"login"'));
    expect(line).toContain('"address":"203.0.113.7"');
  });

  it('has no token, password, cookie or secret', async () => {
    const { session, token } = await someone();
    const cookie = sessionCookieOf(await logInWithCookie(auth, await auth.register()));
    const fromCookie = await exchanges.askWithCookie('orders', cookie, { audience: 'inventory' });
    const fromToken = await exchanges.exchange('orders', token);
    await auth.send('DELETE', '/session', withSessionCookie(cookie));
    const secrets = [PASSWORD, WRONG_PASSWORD, NEW_PASSWORD, ADMIN.password, admin.token, token];
    const issued = [session.refresh_token, fromToken, fromCookie.body.access_token];
    for (const secret of [...secrets, ...issued, cookie.split('.')[1]!, 'a secret of high entropy'])
      expect(auth.log.text).not.toContain(secret);
  });

  it('is described in docs/operations.md, event by event', () => {
    const docs = readFileSync(
      new URL('../../../../../docs/operations.md', import.meta.url),
      'utf8',
    );
    const [, table = ''] = /\n## Audit\n(.*?)\n## /s.exec(docs) ?? [];
    const named = table
      .split('\n')
      .filter((line) => line.startsWith('| `'))
      .flatMap((line) => [...line.split('|')[1]!.matchAll(/`(\w+)`/g)].map(([, name]) => name));
    expect(named.sort()).toEqual([...AUDIT_EVENTS].sort());
  });
});
