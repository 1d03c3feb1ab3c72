import type { RevocationTrigger } from '@latchkey/contracts';
import {
  ACCESS_TOKEN_TYPE_URI,
  TOKEN_EXCHANGE_GRANT,
  TokenReply,
} from '@latchkey/contracts/auth-api';
import {
  type Answer,
  call,
  decodeUnverified,
  type LatchkeyStack,
  sessionTokens,
  waitFor,
} from '@latchkey/local-stack';
import { TestUser } from '@latchkey/testing';
import { createHash } from 'node:crypto';

/** The tokens that a trigger revokes, the tokens that it must not affect, and the trigger itself. */
export interface Scenario {
  readonly revoked: readonly string[];
  readonly unaffected: readonly string[];
  readonly trigger: () => Promise<Answer>;
}

const SECRET = 'a secret of high entropy';
export const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');

const SESSIONS_PER_ACCOUNT = 3;
const SCOPES = ['orders:read', 'inventory:read', 'payments:read'];

const CLIENTS = [
  { clientId: 'robot', scopes: SCOPES },
  { clientId: 'doomed', scopes: SCOPES },
  { clientId: 'orders', exchange: ['orders', 'inventory', 'payments'] },
  { clientId: 'payments', scopes: SCOPES, exchange: ['orders', 'inventory', 'payments'] },
];

/** The configuration of the auth service that the scenarios need. */
export const TRIGGERS_ENVIRONMENT = {
  SESSIONS_PER_ACCOUNT: String(SESSIONS_PER_ACCOUNT),
  OAUTH_CLIENTS: JSON.stringify(
    CLIENTS.map((client) => ({ ...client, secretSha256: sha256(SECRET) })),
  ),
};

/** The users, clients and the administrator of a running stack. */
export class Actors {
  constructor(readonly stack: LatchkeyStack) {}

  /** A new user. */
  user(): Promise<TestUser> {
    return TestUser.register(this.stack.issuer);
  }

  /** The access token of a new user. */
  async otherToken(): Promise<string> {
    return (await (await this.user()).logIn()).access_token;
  }

  async clientToken(clientId: string, secret = SECRET, at = this.stack.issuer): Promise<string> {
    const form = { grant_type: 'client_credentials', client_id: clientId, client_secret: secret };
    const { body } = await call(`${at}/oauth/token`, { form });
    return TokenReply.parse(body).access_token;
  }

  /** Exchanges a user's token, as a service does that calls another (RFC 8693). */
  async exchange(subjectToken: string, clientId = 'orders'): Promise<string> {
    const { body } = await call(`${this.stack.issuer}/oauth/token`, {
      form: {
        grant_type: TOKEN_EXCHANGE_GRANT,
        client_id: clientId,
        client_secret: SECRET,
        subject_token: subjectToken,
        subject_token_type: ACCESS_TOKEN_TYPE_URI,
      },
    });
    return TokenReply.parse(body).access_token;
  }

  async asAdmin(method: string, path: string, json?: unknown): Promise<Answer> {
    const admin = new TestUser(this.stack.issuer, this.stack.admin.name, this.stack.admin.secret);
    const { access_token: token } = await admin.logIn();
    return this.send(method, `/admin${path}`, token, json);
  }

  send(method: string, path: string, token: string, json?: unknown): Promise<Answer> {
    return call(`${this.stack.issuer}${path}`, { method, token, json });
  }

  /** Revokes a token as the client of the built-in log-in. */
  revokeToken(token: string): Promise<Answer> {
    return call(`${this.stack.issuer}/oauth/revoke`, {
      form: { token, client_id: 'latchkey-web' },
    });
  }

  /** Rotates the signing key, as soon as the next key has been published long enough. */
  async rotateKey(): Promise<void> {
    await waitFor(async () => (await this.asAdmin('POST', '/signing-keys/rotate')).status === 200, {
      intervalMs: 200,
      what: 'a key rotation',
    });
  }
}

async function twoSessions(actors: Actors) {
  const user = await actors.user();
  const [phone, laptop] = [await user.logIn(), await user.logIn()];
  return { user, phone, laptop, other: await actors.otherToken() };
}

/** One scenario for each trigger of the contract. */
export const SCENARIOS: Record<RevocationTrigger, (actors: Actors) => Promise<Scenario>> = {
  async logout(actors) {
    const { user, phone, laptop, other } = await twoSessions(actors);
    return {
      revoked: [phone.access_token, await actors.exchange(phone.access_token)],
      unaffected: [laptop.access_token, await actors.exchange(laptop.access_token), other],
      trigger: () => user.logOut(phone.access_token),
    };
  },

  async logout_everywhere(actors) {
    const { phone, laptop, other } = await twoSessions(actors);
    return {
      revoked: [phone.access_token, laptop.access_token],
      unaffected: [other],
      trigger: () => actors.send('POST', '/logout/everywhere', phone.access_token),
    };
  },

  async session_ended(actors) {
    const { phone, laptop, other } = await twoSessions(actors);
    const { sid } = decodeUnverified(phone.access_token).claims;
    return {
      revoked: [phone.access_token],
      unaffected: [laptop.access_token, other],
      trigger: () => actors.send('DELETE', `/sessions/${sid}`, laptop.access_token),
    };
  },

  async session_ended_by_admin(actors) {
    const { phone, laptop, other } = await twoSessions(actors);
    const { sid } = decodeUnverified(phone.access_token).claims;
    return {
      revoked: [phone.access_token],
      unaffected: [laptop.access_token, other],
      trigger: () => actors.asAdmin('DELETE', `/sessions/${sid}`),
    };
  },

  async sessions_ended_by_admin(actors) {
    const { user, phone, laptop, other } = await twoSessions(actors);
    return {
      revoked: [phone.access_token, laptop.access_token, await actors.exchange(phone.access_token)],
      unaffected: [other, await actors.exchange(other)],
      trigger: () => actors.asAdmin('DELETE', `/users/${user.username}/sessions`),
    };
  },

  async session_cap_reached(actors) {
    const { user, phone: oldest, laptop, other } = await twoSessions(actors);
    for (let count = 2; count < SESSIONS_PER_ACCOUNT; count += 1) await user.logIn();
    const { username, password } = user;
    return {
      revoked: [oldest.access_token],
      unaffected: [laptop.access_token, other],
      trigger: () => call(`${actors.stack.issuer}/login`, { json: { username, password } }),
    };
  },

  async token_revoked(actors) {
    const { user, phone, laptop, other } = await twoSessions(actors);
    const sameSession = sessionTokens(await user.refresh(phone.refresh_token));
    return {
      revoked: [phone.access_token],
      unaffected: [sameSession.access_token, laptop.access_token, other],
      trigger: () => actors.revokeToken(phone.access_token),
    };
  },

  async parent_token_revoked(actors) {
    const { user, phone, laptop, other } = await twoSessions(actors);
    const sameSession = sessionTokens(await user.refresh(phone.refresh_token)).access_token;
    const child = await actors.exchange(phone.access_token);
    return {
      revoked: [phone.access_token, child, await actors.exchange(child)],
      unaffected: [
        sameSession,
        await actors.exchange(sameSession),
        await actors.exchange(laptop.access_token),
        await actors.exchange(other),
      ],
      trigger: () => actors.revokeToken(phone.access_token),
    };
  },

  async refresh_token_revoked(actors) {
    const { user, phone, laptop, other } = await twoSessions(actors);
    const next = sessionTokens(await user.refresh(phone.refresh_token));
    return {
      revoked: [phone.access_token, next.access_token],
      unaffected: [laptop.access_token, other],
      trigger: () => actors.revokeToken(next.refresh_token),
    };
  },

  async refresh_token_reused(actors) {
    const { user, phone: first, laptop, other } = await twoSessions(actors);
    const second = sessionTokens(await user.refresh(first.refresh_token));
    const third = sessionTokens(await user.refresh(second.refresh_token));
    return {
      revoked: [first, second, third].map((tokens) => tokens.access_token),
      unaffected: [laptop.access_token, other],
      trigger: () => user.refresh(first.refresh_token),
    };
  },

  async password_changed(actors) {
    const { user, phone, laptop, other } = await twoSessions(actors);
    const json = { currentPassword: user.password, newPassword: 'another battery staple' };
    return {
      revoked: [phone.access_token],
      unaffected: [laptop.access_token, other],
      trigger: () => actors.send('POST', '/password', laptop.access_token, json),
    };
  },

  async password_reset(actors) {
    const { user, phone, laptop, other } = await twoSessions(actors);
    const json = { password: 'another battery staple' };
    return {
      revoked: [phone.access_token, laptop.access_token, await actors.exchange(phone.access_token)],
      unaffected: [other, await actors.exchange(other)],
      trigger: () => actors.asAdmin('PUT', `/users/${user.username}/password`, json),
    };
  },

  async role_removed(actors) {
    const { user, other } = await twoSessions(actors);
    await actors.asAdmin('PUT', `/users/${user.username}/roles`, { roles: ['admin'] });
    const { access_token: asAdministrator } = await user.logIn();
    return {
      revoked: [asAdministrator, await actors.exchange(asAdministrator)],
      unaffected: [other, await actors.exchange(other)],
      trigger: () => actors.asAdmin('PUT', `/users/${user.username}/roles`, { roles: [] }),
    };
  },

  async user_disabled(actors) {
    const { user, phone, laptop, other } = await twoSessions(actors);
    return {
      revoked: [phone.access_token, laptop.access_token, await actors.exchange(phone.access_token)],
      unaffected: [other, await actors.exchange(other)],
      trigger: () => actors.asAdmin('POST', `/users/${user.username}/disable`),
    };
  },

  async client_revoked(actors) {
    const user = await actors.otherToken();
    const exchanged = await actors.exchange(user, 'payments');
    return {
      revoked: [
        await actors.clientToken('payments'),
        exchanged,
        // Issued to another client, but in exchange for a token of the revoked client.
        await actors.exchange(exchanged, 'orders'),
      ],
      unaffected: [await actors.clientToken('robot'), user, await actors.exchange(user, 'orders')],
      trigger: () => actors.asAdmin('POST', '/clients/payments/revoke'),
    };
  },

  async signing_key_revoked(actors) {
    const user = await actors.user();
    const { access_token: revoked } = await user.logIn();
    await actors.rotateKey();
    const { access_token: signedByNextKey } = await user.logIn();
    return {
      // The exchanged token is signed with the next key, but derived from a revoked one.
      revoked: [revoked, await actors.exchange(revoked)],
      unaffected: [signedByNextKey, await actors.otherToken()],
      trigger: () =>
        actors.asAdmin('POST', `/signing-keys/${decodeUnverified(revoked).header.kid}/revoke`),
    };
  },
};

/** The status of the triggering request, unless it is 204. */
export const ANSWERED_WITH: Partial<Record<RevocationTrigger, number>> = {
  session_cap_reached: 200,
  token_revoked: 200,
  parent_token_revoked: 200,
  refresh_token_revoked: 200,
  refresh_token_reused: 400,
  password_changed: 200,
};
