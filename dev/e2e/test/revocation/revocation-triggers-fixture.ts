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
  waitFor,
} from '@latchkey/local-stack';
import { TestUser } from '@latchkey/testing';
import { createHash, randomUUID } from 'node:crypto';
import { REFUSED_EVERYWHERE, statusesEverywhere } from '../../src/everywhere.js';

/** What a trigger ends and what it must leave alone, and how it is pulled. */
export interface Scenario {
  readonly doomed: readonly string[];
  readonly bystanders: readonly string[];
  /** @returns what answered the deed that revokes */
  readonly pull: () => Promise<Answer>;
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

/** What the scenarios need the auth service to be configured with. */
export const TRIGGERS_ENVIRONMENT = {
  SESSIONS_PER_ACCOUNT: String(SESSIONS_PER_ACCOUNT),
  OAUTH_CLIENTS: JSON.stringify(
    CLIENTS.map((client) => ({ ...client, secretSha256: sha256(SECRET) })),
  ),
};

/** Claims of a token. Nothing is verified here. */
export function decodeUnverifiedClaims(token: string): { sid: string; iat: number; jti: string } {
  const claims = Buffer.from(token.split('.')[1] ?? '', 'base64url').toString();
  return JSON.parse(claims) as { sid: string; iat: number; jti: string };
}

export function refusedEverywhere(stack: LatchkeyStack, token: string): Promise<true> {
  return waitFor(
    async () => (await statusesEverywhere(stack, token)).join() === REFUSED_EVERYWHERE.join(),
    { what: 'a refusal by every service' },
  );
}

export const tokensOf = ({ body }: Answer) => TokenReply.required().parse(body);

/** Everybody who takes part, at one running stack. */
export class Cast {
  constructor(readonly stack: LatchkeyStack) {}

  /** Somebody nobody else knows. */
  user(): Promise<TestUser> {
    return TestUser.register(this.stack.issuer, `user-${randomUUID()}`);
  }

  async bystander(): Promise<string> {
    return (await (await this.user()).logIn()).access_token;
  }

  async clientToken(clientId: string, secret = SECRET, at = this.stack.issuer): Promise<string> {
    const form = { grant_type: 'client_credentials', client_id: clientId, client_secret: secret };
    const { body } = await call(`${at}/oauth/token`, { form });
    return TokenReply.parse(body).access_token;
  }

  /** What a service gets for a user's token that it was called with: one for every service. */
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

  async asAdmin(method: string, path: string): Promise<Answer> {
    const admin = new TestUser(this.stack.issuer, this.stack.admin.name, this.stack.admin.secret);
    const { access_token: token } = await admin.logIn();
    return this.send(method, `/admin${path}`, token);
  }

  send(method: string, path: string, token: string, json?: unknown): Promise<Answer> {
    return call(`${this.stack.issuer}${path}`, { method, token, json });
  }

  /** For the client of the built-in log-in. */
  revokeToken(token: string): Promise<Answer> {
    return call(`${this.stack.issuer}/oauth/revoke`, {
      form: { token, client_id: 'latchkey-web' },
    });
  }

  /** Waits until the next key may sign. */
  async rotateKey(): Promise<void> {
    await waitFor(async () => (await this.asAdmin('POST', '/signing-keys/rotate')).status === 200, {
      timeoutMs: 15_000,
      intervalMs: 200,
      what: 'a signing key that may sign',
    });
  }
}

async function twoSessions(cast: Cast) {
  const user = await cast.user();
  const [phone, laptop] = [await user.logIn(), await user.logIn()];
  return { user, phone, laptop, other: await cast.bystander() };
}

/** One for each row of the contract's table. */
export const SCENARIOS: Record<RevocationTrigger, (cast: Cast) => Promise<Scenario>> = {
  async logout(cast) {
    const { user, phone, laptop, other } = await twoSessions(cast);
    return {
      doomed: [phone.access_token, await cast.exchange(phone.access_token)],
      bystanders: [laptop.access_token, await cast.exchange(laptop.access_token), other],
      pull: () => user.logOut(phone.access_token),
    };
  },

  async logout_everywhere(cast) {
    const { phone, laptop, other } = await twoSessions(cast);
    return {
      doomed: [phone.access_token, laptop.access_token],
      bystanders: [other],
      pull: () => cast.send('POST', '/logout/everywhere', phone.access_token),
    };
  },

  async session_ended(cast) {
    const { phone, laptop, other } = await twoSessions(cast);
    const { sid } = decodeUnverifiedClaims(phone.access_token);
    return {
      doomed: [phone.access_token],
      bystanders: [laptop.access_token, other],
      pull: () => cast.send('DELETE', `/sessions/${sid}`, laptop.access_token),
    };
  },

  async session_ended_by_admin(cast) {
    const { phone, laptop, other } = await twoSessions(cast);
    const { sid } = decodeUnverifiedClaims(phone.access_token);
    return {
      doomed: [phone.access_token],
      bystanders: [laptop.access_token, other],
      pull: () => cast.asAdmin('DELETE', `/sessions/${sid}`),
    };
  },

  async session_cap_reached(cast) {
    const { user, phone: oldest, laptop, other } = await twoSessions(cast);
    for (let count = 2; count < SESSIONS_PER_ACCOUNT; count += 1) await user.logIn();
    const { username, password } = user;
    return {
      doomed: [oldest.access_token],
      bystanders: [laptop.access_token, other],
      pull: () => call(`${cast.stack.issuer}/login`, { json: { username, password } }),
    };
  },

  async token_revoked(cast) {
    const { user, phone, laptop, other } = await twoSessions(cast);
    const sameSession = tokensOf(await user.refresh(phone.refresh_token));
    return {
      doomed: [phone.access_token],
      bystanders: [sameSession.access_token, laptop.access_token, other],
      pull: () => cast.revokeToken(phone.access_token),
    };
  },

  async parent_token_revoked(cast) {
    const { user, phone, laptop, other } = await twoSessions(cast);
    const sameSession = tokensOf(await user.refresh(phone.refresh_token)).access_token;
    const child = await cast.exchange(phone.access_token);
    return {
      doomed: [phone.access_token, child, await cast.exchange(child)],
      bystanders: [
        sameSession,
        await cast.exchange(sameSession),
        await cast.exchange(laptop.access_token),
        await cast.exchange(other),
      ],
      pull: () => cast.revokeToken(phone.access_token),
    };
  },

  async refresh_token_revoked(cast) {
    const { user, phone, laptop, other } = await twoSessions(cast);
    const next = tokensOf(await user.refresh(phone.refresh_token));
    return {
      doomed: [phone.access_token, next.access_token],
      bystanders: [laptop.access_token, other],
      pull: () => cast.revokeToken(next.refresh_token),
    };
  },

  async refresh_token_reused(cast) {
    const { user, phone: first, laptop, other } = await twoSessions(cast);
    const second = tokensOf(await user.refresh(first.refresh_token));
    const third = tokensOf(await user.refresh(second.refresh_token));
    return {
      doomed: [first, second, third].map((tokens) => tokens.access_token),
      bystanders: [laptop.access_token, other],
      pull: () => user.refresh(first.refresh_token),
    };
  },

  async password_changed(cast) {
    const { user, phone, laptop, other } = await twoSessions(cast);
    const json = { currentPassword: user.password, newPassword: 'another battery staple' };
    return {
      doomed: [phone.access_token],
      bystanders: [laptop.access_token, other],
      pull: () => cast.send('POST', '/password', laptop.access_token, json),
    };
  },

  async user_disabled(cast) {
    const { user, phone, laptop, other } = await twoSessions(cast);
    return {
      doomed: [phone.access_token, laptop.access_token, await cast.exchange(phone.access_token)],
      bystanders: [other, await cast.exchange(other)],
      pull: () => cast.asAdmin('POST', `/users/${user.username}/disable`),
    };
  },

  async client_revoked(cast) {
    const user = await cast.bystander();
    const exchanged = await cast.exchange(user, 'payments');
    return {
      doomed: [
        await cast.clientToken('payments'),
        exchanged,
        // Of a client that lives, but came from one of the client that does not.
        await cast.exchange(exchanged, 'orders'),
      ],
      bystanders: [await cast.clientToken('robot'), user, await cast.exchange(user, 'orders')],
      pull: () => cast.asAdmin('POST', '/clients/payments/revoke'),
    };
  },

  async signing_key_revoked(cast) {
    const user = await cast.user();
    const { access_token: doomed } = await user.logIn();
    await cast.rotateKey();
    const { access_token: signedByTheNext } = await user.logIn();
    return {
      // The exchanged one is signed by the next key as well.
      doomed: [doomed, await cast.exchange(doomed)],
      bystanders: [signedByTheNext, await cast.bystander()],
      pull: () =>
        cast.asAdmin('POST', `/signing-keys/${decodeUnverified(doomed).header.kid}/revoke`),
    };
  },
};

/** What answers the deed, where it is not 204. */
export const ANSWERED_WITH: Partial<Record<RevocationTrigger, number>> = {
  session_cap_reached: 200,
  token_revoked: 200,
  parent_token_revoked: 200,
  refresh_token_revoked: 200,
  refresh_token_reused: 400,
  password_changed: 200,
};
