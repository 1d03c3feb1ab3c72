import { createHash } from 'node:crypto';
import { environmentOf, type StackParts } from './stack-environment.js';
import { calleesOf, policyOf } from './service-calls.js';
import {
  firstReplicaOf,
  replicaNames,
  SERVICE_NAMES,
  VERIFYING_REPLICAS,
} from './stack-replicas.js';

function forEach<K extends string>(names: readonly K[], make: (name: K) => string) {
  return Object.fromEntries(names.map((name) => [name, make(name)])) as Record<K, string>;
}

const parts: StackParts = {
  urls: forEach(replicaNames(1), (name) => `http://${name}`),
  databaseUrls: forEach(['auth', ...SERVICE_NAMES], (app) => `postgres://h/${app}`),
  natsUrls: ['nats://127.0.0.1:7'],
  secret: (name) => `secret ${name}`,
  publishAheadSeconds: 60,
  streamReplicas: 1,
};

describe('replicaNames', () => {
  it('includes the second auth replica only on request', () => {
    expect(replicaNames(1)).not.toContain('auth-2');
    expect(replicaNames(2)).toEqual(['auth', 'auth-2', ...VERIFYING_REPLICAS]);
    expect(VERIFYING_REPLICAS).toEqual(expect.arrayContaining(['orders-1', 'orders-2']));
  });
});

describe('environmentOf', () => {
  it('gives both auth replicas the same settings', async () => {
    expect(await environmentOf('auth-2', parts)).toEqual(await environmentOf('auth', parts));
  });

  it('registers each verifying service as an OAuth client with the policy of its calls', async () => {
    const { OAUTH_CLIENTS = '' } = await environmentOf('auth', parts);
    const clients = JSON.parse(OAUTH_CLIENTS) as { clientId: string; secretSha256: string }[];
    expect(clients.map(({ clientId }) => clientId)).toEqual([
      'latchkey-demo',
      ...SERVICE_NAMES,
      'spare',
    ]);
    const { CLIENT_ID, CLIENT_SECRET = '' } = await environmentOf('orders-2', parts);
    const secretSha256 = createHash('sha256').update(CLIENT_SECRET).digest('hex');
    expect(clients).toContainEqual({ clientId: CLIENT_ID, secretSha256, ...policyOf('orders') });
  });

  it('gives a service the address of each service that it calls, and of no other', async () => {
    for (const service of SERVICE_NAMES) {
      const environment = await environmentOf(firstReplicaOf(service), parts);
      const called = SERVICE_NAMES.filter((name) => `${name.toUpperCase()}_URL` in environment);
      expect(called).toEqual(calleesOf(service));
    }
  });

  it('registers further OAuth clients on request', async () => {
    const robot = { clientId: 'robot', secretSha256: 'of its secret', scopes: ['orders:read'] };
    const { OAUTH_CLIENTS = '' } = await environmentOf('auth', {
      ...parts,
      furtherClients: [robot],
    });
    expect((JSON.parse(OAUTH_CLIENTS) as object[]).slice(-2)).toEqual([
      expect.objectContaining({ clientId: 'spare' }),
      robot,
    ]);
  });

  it('lists every server of a cluster, and replicates the stream to all of them', async () => {
    const natsUrls = ['nats://127.0.0.1:7', 'nats://127.0.0.1:8', 'nats://127.0.0.1:9'];
    expect(await environmentOf('auth', { ...parts, natsUrls, streamReplicas: 3 })).toMatchObject({
      NATS_URL: natsUrls.join(),
      NATS_STREAM_REPLICAS: '3',
    });
  });

  it('prefers the settings of a replica to those of its service, and these to those of all', async () => {
    const env = {
      all: { A: 'all', B: 'all', C: 'all' },
      orders: { B: 'orders', C: 'orders' },
      'orders-1': { C: 'orders-1', NODE_OPTIONS: '--inspect=0' },
    };
    expect(await environmentOf('orders-1', { ...parts, env })).toMatchObject({
      A: 'all',
      B: 'orders',
      C: 'orders-1',
      NODE_OPTIONS: '--inspect=0',
    });
    expect(await environmentOf('orders-2', { ...parts, env })).toMatchObject({ C: 'orders' });
    expect(await environmentOf('payments', { ...parts, env })).toMatchObject({ C: 'all' });
  });

  describe('with transaction tokens', () => {
    const transaction: StackParts = { ...parts, callTokens: 'transaction' };

    it('gives all services one trust domain, and lets other settings win', async () => {
      const env = { payments: { CALL_TOKENS: 'exchange' } };
      for (const name of replicaNames(1))
        expect(await environmentOf(name, { ...transaction, env })).toMatchObject({
          TRUST_DOMAIN: 'shop.localhost',
          CALL_TOKENS: name === 'payments' ? 'exchange' : 'transaction',
        });
    });

    it('sets nothing about them without', async () => {
      for (const callTokens of [undefined, 'exchange'] as const)
        for (const name of replicaNames(1)) {
          const variables = Object.keys(await environmentOf(name, { ...parts, callTokens }));
          expect(variables).not.toEqual(expect.arrayContaining(['CALL_TOKENS']));
          expect(variables).not.toEqual(expect.arrayContaining(['TRUST_DOMAIN']));
        }
    });
  });

  describe('with a route', () => {
    const natsUrls = ['nats://127.0.0.1:7', 'nats://127.0.0.1:8'];
    const routed: StackParts = {
      ...parts,
      natsUrls,
      route: ({ from, to }, url) => Promise.resolve(`${url}?${from}-to-${to}`),
    };

    it('routes each connection of a verifier, and does not change the issuer', async () => {
      expect(await environmentOf('orders-1', routed)).toMatchObject({
        DATABASE_URL: 'postgres://h/orders?orders-1-to-postgres',
        NATS_URL: 'nats://127.0.0.1:7?orders-1-to-nats,nats://127.0.0.1:8?orders-1-to-nats',
        JWKS_URL: 'http://auth/.well-known/jwks.json?orders-1-to-auth',
        TOKEN_URL: 'http://auth/oauth/token',
        INVENTORY_URL: 'http://inventory?orders-1-to-inventory',
        PAYMENTS_URL: 'http://payments?orders-1-to-payments',
        ISSUER: 'http://auth',
      });
    });

    it('leads auth to its database and to NATS, and nowhere else', async () => {
      const environment = await environmentOf('auth-2', routed);
      const through = Object.entries(environment).filter(([, value]) => value.includes('-to-'));
      expect(through.map(([name]) => name)).toEqual(['DATABASE_URL', 'NATS_URL']);
    });
  });

  describe('with a session store', () => {
    const sessionStoreUrl = 'redis://:secret@127.0.0.1:9';
    const withStore: StackParts = { ...parts, sessionStoreUrl };

    it('lets every service take a cookie or a token, of the pages of all of them', async () => {
      for (const name of replicaNames(1)) {
        const environment = await environmentOf(name, withStore);
        expect(environment).toMatchObject({
          SESSION_STORE_URL: sessionStoreUrl,
          SESSION_ORIGINS: Object.values(parts.urls).join(),
        });
        expect(environment['AUTH_MODE']).toBe(name === 'auth' ? undefined : 'both');
      }
    });

    it('leads to it through a route, and lets other settings win', async () => {
      const env = { 'orders-2': { AUTH_MODE: 'session' } };
      const route: StackParts['route'] = ({ from, to }, url) => `${url}?${from}-to-${to}`;
      expect(await environmentOf('orders-2', { ...withStore, env, route })).toMatchObject({
        AUTH_MODE: 'session',
        SESSION_STORE_URL: `${sessionStoreUrl}?orders-2-to-session-store`,
      });
    });

    it('sets no variable about cookies without a session store', async () => {
      for (const name of replicaNames(1)) {
        const variables = Object.keys(await environmentOf(name, parts));
        expect(variables.filter((variable) => /SESSION_|AUTH_MODE/.test(variable))).toEqual([]);
      }
    });
  });

  it('sets no address that is derived from the issuer, without a route', async () => {
    expect(await environmentOf('payments', parts)).not.toHaveProperty('JWKS_URL');
  });
});
