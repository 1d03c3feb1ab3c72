import { waitFor } from '@latchkey/testing';
import { randomUUID } from 'node:crypto';
import { claimsOf, PASSWORD, type Answer } from './auth-fixture.js';
import type { useAuthWithRedis } from './session-fixture.js';
import { Exchanges, transactionClaimsOf, TRUST_DOMAIN } from './token-exchange-fixture.js';
import type { AuditEvent } from '../src/platform/audit/audit-event.js';

export const WRONG_PASSWORD = 'a wrong password, never logged';
export const NEW_PASSWORD = 'another battery staple';

/** The fields of an act's line. */
export interface Act {
  readonly details: object;
}

/** Requests that cause each event of the audit log, for the tests of the surrounding `describe` block. */
export function useActs(testbed: ReturnType<typeof useAuthWithRedis>) {
  const { auth } = testbed;
  const exchanges = new Exchanges(testbed);
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
  const acts: Record<AuditEvent, () => Promise<Act>> = {
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

  return { acts, admin, exchanges, someone };
}
