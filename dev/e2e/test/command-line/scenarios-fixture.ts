import { type AuthClient, decodeUnverified, waitFor } from '@latchkey/local-stack';
import { TestUser } from '@latchkey/testing';
import { generateKeyPairSync, randomUUID } from 'node:crypto';

/** One command, and what it prints. */
export interface Scenario {
  readonly args: readonly string[];
  readonly input?: string;
  /** Each matches stdout. */
  readonly text: readonly RegExp[];
  readonly json: object;
  /** Matches stderr of the successful command; default: it is empty. */
  readonly note?: RegExp;
}

const DATE = expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/);
const UUID = expect.stringMatching(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
const SECRET = expect.stringMatching(/^[\w-]{24,}$/);
const TOLD = /It was published to every service\.\n$/;

/** What the scenarios use of a running auth service. */
export class World {
  private constructor(
    readonly auth: AuthClient,
    private readonly admin: string,
    /** An access token of the administrator. */
    readonly token: string,
  ) {}

  static async of(
    auth: AuthClient,
    { name, secret: password }: { readonly name: string; readonly secret: string },
  ): Promise<World> {
    const { access_token: token } = await auth.logIn({ username: name, password });
    return new World(auth, name, token);
  }

  user = () => TestUser.register(this.auth.url);

  /** Leaves one administrator. */
  async demoteOthers(): Promise<void> {
    const { users } = (await this.as('GET', '/users?limit=100')) as {
      users: { username: string; roles: string[] }[];
    };
    for (const { username, roles } of users)
      if (roles.length > 0 && username !== this.admin)
        await this.as('PUT', `/users/${username}/roles`, { roles: [] });
  }

  async as(method: string, path: string, json?: unknown): Promise<unknown> {
    const answer = await this.auth.send(method, `/admin${path}`, {
      token: this.token,
      json,
    });
    if (answer.status >= 300) throw new Error(`${method} ${path}: ${answer.status}`);
    return answer.body;
  }

  async client(): Promise<string> {
    const clientId = `client-${randomUUID()}`;
    await this.as('POST', '/clients', { clientId, scopes: ['orders:read'] });
    return clientId;
  }
}

const newName = () => `new-${randomUUID()}`;

export const publicKeyPem = () =>
  generateKeyPairSync('ed25519').publicKey.export({ format: 'pem', type: 'spki' }).toString();

/** Every command, by its name. It is called anew for each run. */
export const SCENARIOS: Readonly<Record<string, (world: World) => Promise<Scenario>>> = {
  'client list': async (world) => {
    const id = await world.client();
    const managed = { clientId: id, source: 'managed', scopes: ['orders:read'] };
    return {
      args: [],
      text: [
        /^CLIENT +SOURCE +CREDENTIALS +SCOPES +EXCHANGE\n/,
        new RegExp(`^${id} +managed`, 'm'),
      ],
      json: { clients: expect.arrayContaining([expect.objectContaining(managed)]) },
    };
  },
  'client show': async (world) => {
    const id = await world.client();
    return {
      args: [id],
      text: [new RegExp(`^client +${id}\n`), /^credential +secret {2}[0-9a-f-]{36} {2}since /m],
      json: {
        ...{ clientId: id, source: 'managed', scopes: ['orders:read'], exchange: {} },
        credentials: [{ kind: 'secret', id: UUID, createdAt: DATE }],
        createdAt: DATE,
      },
    };
  },
  'client add': () => {
    const id = newName();
    const scopes = ['orders:read', 'inventory:read'];
    return Promise.resolve({
      args: [id, '--scope', scopes.join(' '), '--exchange', 'inventory=inventory:read'],
      text: [/^exchange +inventory=inventory:read$/m, /^secret +[\w-]{24,}$/m],
      note: /^The secret is not shown again\.\n$/,
      json: {
        ...{ clientId: id, source: 'managed', scopes, clientSecret: SECRET, createdAt: DATE },
        exchange: { inventory: ['inventory:read'] },
        credentials: [{ kind: 'secret', id: UUID, createdAt: DATE }],
      },
    });
  },
  'client change': async (world) => {
    const id = await world.client();
    return {
      args: [id, '--scope', 'inventory:read', '--exchange', 'payments'],
      text: [/^scopes +inventory:read$/m, /^exchange +payments$/m],
      json: {
        ...{ clientId: id, source: 'managed', scopes: ['inventory:read'], createdAt: DATE },
        exchange: { payments: null },
        credentials: [expect.anything()],
      },
    };
  },
  'client rotate': async (world) => {
    const id = await world.client();
    return {
      args: [id],
      text: [/^secret +[\w-]{24,}$/m],
      note: /The secret is not shown again\./,
      json: { clientId: id, kind: 'secret', id: UUID, createdAt: DATE, clientSecret: SECRET },
    };
  },
  'client revoke': async (world) => {
    const id = await world.client();
    return {
      args: [id, '--yes'],
      text: [new RegExp(`^Revoked ${id}\\.`), TOLD],
      json: { clientId: id, revoked: true, published: true },
    };
  },
  'client remove': async (world) => {
    const id = await world.client();
    return {
      args: [id, '-y'],
      text: [new RegExp(`^Removed ${id}\\.`), TOLD],
      json: { clientId: id, removed: true, published: true },
    };
  },
  'user list': async (world) => {
    const { username } = await world.user();
    return {
      args: [],
      text: [/^USER +ROLES +STATE +CREATED\n/, new RegExp(`^${username} +enabled +\\d{4}-`, 'm')],
      json: { users: expect.arrayContaining([expect.objectContaining({ username, roles: [] })]) },
    };
  },
  'user create': () => {
    const username = newName();
    return Promise.resolve({
      args: [username.toUpperCase(), '--role', 'admin'],
      text: [new RegExp(`^user +${username}\n`), /^password +[\w-]{24}$/m],
      note: /^The password is not shown again\.\n$/,
      json: {
        ...{ id: UUID, username, roles: ['admin'], disabled: false, createdAt: DATE },
        scopes: expect.arrayContaining(['auth:admin']),
        password: SECRET,
      },
    });
  },
  'user disable': async (world) => {
    const { username } = await world.user();
    return {
      args: [username.toUpperCase(), '--yes'],
      text: [new RegExp(`^Disabled ${username}\\.`), TOLD],
      json: { username, disabled: true, published: true },
    };
  },
  'user enable': async (world) => {
    const { username } = await world.user();
    await world.as('POST', `/users/${username}/disable`);
    return {
      args: [username],
      text: [new RegExp(`^Enabled ${username}\\.\n$`)],
      json: { username, disabled: false },
    };
  },
  'user scopes': async (world) => {
    const { username } = await world.user();
    return {
      args: [username],
      text: [/^roles$/m, /^scopes +.*orders:read/m, /^state +enabled$/m],
      json: {
        ...{ id: UUID, username, roles: [], disabled: false, createdAt: DATE },
        scopes: expect.arrayContaining(['orders:read']),
      },
    };
  },
  'user reset-password': async (world) => {
    const { username } = await world.user();
    return {
      args: [username],
      text: [new RegExp(`^user +${username}\npassword +[\\w-]{24}\n$`)],
      note: /The password is not shown again\.\n$/,
      json: { username, password: SECRET, published: true },
    };
  },
  'sessions list': async (world) => {
    const user = await world.user();
    const { sid } = decodeUnverified((await user.logIn()).access_token).claims;
    return {
      args: [user.username],
      text: [
        /^SESSION +LOGGED IN +LAST USED +EXPIRES +ADDRESS +USER AGENT\n/,
        new RegExp(`^${sid} `, 'm'),
      ],
      json: {
        sessions: [
          {
            ...{ sid, current: false, createdAt: DATE, lastUsedAt: DATE, expiresAt: DATE },
            userAgent: expect.anything(),
            ...{ loginAddress: '127.0.0.1', lastAddress: '127.0.0.1' },
          },
        ],
      },
    };
  },
  audit: async (world) => {
    const user = await world.user();
    const { sid, sub: subject } = decodeUnverified((await user.logIn()).access_token).claims;
    const isStored = async () => {
      const path = `/audit?subject=${String(subject)}`;
      return ((await world.as('GET', path)) as { events: unknown[] }).events.length > 0;
    };
    await waitFor(isStored);
    const details = { sessionId: sid, credential: 'tokens' };
    return {
      args: ['--user', user.username, '--event', 'login'],
      text: [
        /^TIME +EVENT +BY +USER +CLIENT +ADDRESS +DETAILS\n/,
        new RegExp(`login +${String(subject)} +latchkey-web +127.0.0.1 +sessionId=${String(sid)}`),
      ],
      json: {
        events: [
          {
            ...{ id: UUID, at: DATE, event: 'login', subject, client: 'latchkey-web' },
            ...{ address: '127.0.0.1', requestId: UUID, details },
          },
        ],
      },
    };
  },
  'sessions end': async (world) => {
    const user = await world.user();
    const { sid } = decodeUnverified((await user.logIn()).access_token).claims;
    return {
      args: [sid.toUpperCase()],
      text: [/^Ended the session /, TOLD],
      json: { sid: sid.toUpperCase(), ended: true, published: true },
    };
  },
  'keys list': () =>
    Promise.resolve({
      args: [],
      text: [/^KEY +STATE +SINCE\n/, /^\S{43} +active +\d{4}-/m],
      json: {
        keys: expect.arrayContaining([{ keyId: expect.any(String), state: 'active', since: DATE }]),
      },
    }),
  'keys rotate': async (world) => {
    await pendingKey(world);
    return {
      args: [],
      text: [/^The key \S{43} signs from now on\.\n$/],
      json: { keyId: expect.stringMatching(/^\S{43}$/) },
    };
  },
  'keys revoke': async (world) => {
    const keyId = await pendingKey(world);
    return {
      args: [keyId, '--yes'],
      text: [new RegExp(`^Revoked the key ${keyId}\\.`), TOLD],
      json: { keyId, revoked: true, published: true },
    };
  },
};

/** The id of the next key, once it may take over. */
async function pendingKey(world: World): Promise<string> {
  const publishedFor = 1_500;
  return waitFor(
    async () => {
      const { keys } = (await world.as('GET', '/signing-keys')) as {
        keys: { keyId: string; state: string; since: string }[];
      };
      const next = keys.find(({ state }) => state === 'pending');
      return next && Date.now() - Date.parse(next.since) > publishedFor ? next.keyId : undefined;
    },
    { what: 'a key that may take over', timeoutMs: 20_000, intervalMs: 100 },
  );
}
