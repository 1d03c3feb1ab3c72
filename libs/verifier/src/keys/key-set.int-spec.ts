import {
  makeIssuer,
  makeKey,
  startJwksServer,
  waitFor,
  type JwksServer,
  type TestIssuer,
} from '@latchkey/testing';
import { randomUUID } from 'node:crypto';
import { createVerifier, type KeySetOptions, type Verifier } from '../index.js';
import { judge } from '../../test/verifier-fixture.js';

describe('the keys of an issuer', () => {
  let server: JwksServer;
  let issuer: TestIssuer;
  let verifier: Verifier;

  const start = (keySet: KeySetOptions = {}, now?: () => number) => {
    verifier = createVerifier({
      issuer: server.origin,
      audience: 'orders',
      revocations: 'ignore',
      keySet: { timeoutSeconds: 1, ...keySet },
      ...(now && { now }),
    });
  };

  beforeEach(async () => {
    server = await startJwksServer();
    issuer = await makeIssuer({ issuer: server.origin, audience: 'orders' });
    server.serve(issuer);
  });
  afterEach(async () => {
    verifier.close();
    await server.close();
  });

  it('are fetched once for any number of parallel requests', async () => {
    start();
    const tokens = await Promise.all(Array.from({ length: 100 }, () => issuer.makeToken()));
    await Promise.all(tokens.map((token) => verifier.verify(token)));
    expect(server.requests).toBe(1);
  });

  it('are fetched at most once for 300 invented kids, and valid tokens are accepted, even during a cold start', async () => {
    start();
    const good = await issuer.makeToken();
    const outcomes = await Promise.all(
      Array.from({ length: 300 }, async (_, index) => {
        const bad = await issuer.makeToken({ kid: `invented-${index}` });
        return [await judge(verifier, bad), await judge(verifier, good)];
      }),
    );
    expect(new Set(outcomes.map(([bad]) => bad))).toEqual(new Set(['unknown_key']));
    expect(new Set(outcomes.map(([, fine]) => fine))).toEqual(new Set(['accepted']));
    expect(server.requests).toBe(1);
  });

  it('are fetched again for an unknown kid after the cooldown', async () => {
    let now = Date.now();
    start({ cooldownSeconds: 30 }, () => now);
    await verifier.loadKeys();
    const key = await issuer.addKey();
    const token = await issuer.makeToken({ key });
    expect(await judge(verifier, token)).toBe('unknown_key');
    now += 31_000;
    expect(await judge(verifier, token)).toBe('accepted');
    expect(server.requests).toBe(2);
  });

  it.each(['error', 'garbage', 'empty', 'redirect', 'cut', 'hang'] as const)(
    'stay in use if the response of the issuer is: %s',
    async (behaviour) => {
      let now = Date.now();
      start({ cooldownSeconds: 1, timeoutSeconds: 0.2 }, () => now);
      const token = await issuer.makeToken();
      expect(await judge(verifier, token)).toBe('accepted');
      server.behave(behaviour);
      now += 2_000;
      expect(await judge(verifier, await issuer.makeToken({ kid: 'other' }))).toBe('unknown_key');
      expect(server.requests).toBe(2);
      expect(await judge(verifier, token)).toBe('accepted');
      expect(await judge(verifier, await issuer.makeToken({ kid: 'another' }))).toBe('unknown_key');
      expect(server.requests).toBe(2);
      expect(verifier.status().issuers[0]).toMatchObject({ lastFetchSucceeded: false });
    },
  );

  it('stay in use while the issuer is unreachable, until their maximum age', async () => {
    let now = Date.now();
    start({ maxAgeSeconds: 600, refreshAfterSeconds: 60, cooldownSeconds: 1 }, () => now);
    await verifier.loadKeys();
    server.behave('error');
    now += 599_000;
    expect(await judge(verifier, await issuer.makeToken({ issuedAt: now / 1000 }))).toBe(
      'accepted',
    );
    now += 2_000;
    const token = await issuer.makeToken({ issuedAt: now / 1000 });
    await expect(verifier.verify(token)).rejects.toMatchObject({ code: 'keys_unreachable' });
  });

  it('are refreshed in the background, without a call of verify', async () => {
    start({ refreshAfterSeconds: 0.5 });
    await verifier.loadKeys();
    await waitFor(() => server.requests >= 2);
  });

  it('no longer include a key that the issuer removed, even for cached tokens', async () => {
    start({ refreshAfterSeconds: 0.5 });
    const old = await issuer.makeToken();
    expect(await judge(verifier, old)).toBe('accepted');
    const { kid } = issuer.keys[0]!;
    await issuer.addKey();
    issuer.removeKey(kid);
    await waitFor(async () => (await judge(verifier, old)) === 'unknown_key');
    expect(await judge(verifier, await issuer.makeToken())).toBe('accepted');
  });

  it('are fetched again after the process was suspended for longer than their age', async () => {
    let now = Date.now();
    start({ refreshAfterSeconds: 300 }, () => now);
    await verifier.loadKeys();
    const old = issuer.keys[0]!;
    await issuer.addKey();
    issuer.removeKey(old.kid);
    now += 301_000;
    const token = await issuer.makeToken({ key: old, issuedAt: now / 1000 });
    expect(await judge(verifier, token)).toBe('unknown_key');
  });

  it('are fetched with retries by loadKeys', async () => {
    server.behave('error');
    start();
    const loaded = verifier.loadKeys();
    await waitFor(() => server.requests >= 2);
    expect(verifier.keysLoaded).toBe(false);
    await expect(verifier.verify(await issuer.makeToken())).rejects.toMatchObject({
      code: 'keys_unreachable',
    });
    server.behave('ok');
    await loaded;
    expect(await judge(verifier, await issuer.makeToken())).toBe('accepted');
  });

  it('are not retried once the verifier is closed, which ends loadKeys', async () => {
    server.behave('error');
    start();
    const loaded = verifier.loadKeys();
    await waitFor(() => server.requests >= 2);
    verifier.close();
    await loaded;
    expect(verifier.keysLoaded).toBe(false);
    const { requests } = server;
    await verifier.loadKeys();
    expect(server.requests).toBe(requests);
  });

  it('are fetched with retries by verify', async () => {
    server.behave('error');
    start();
    const token = await issuer.makeToken();
    await expect(verifier.verify(token)).rejects.toMatchObject({ code: 'keys_unreachable' });
    server.behave('ok');
    await waitFor(() => verifier.keysLoaded);
    expect(await judge(verifier, token)).toBe('accepted');
  });

  it('do not make calls wait for a retry before they were ever fetched', async () => {
    server.behave('error');
    start();
    const token = await issuer.makeToken();
    const codes = Array.from({ length: 50 }, () =>
      verifier.verify(token).catch((error: unknown) => (error as { code: string }).code),
    );
    expect(new Set(await Promise.all(codes))).toEqual(new Set(['keys_unreachable']));
    expect(server.requests).toBe(1);
  });

  it('are not fetched again for a repeated unknown kid, but for another one', async () => {
    let now = Date.now();
    start({ cooldownSeconds: 30 }, () => now);
    await verifier.loadKeys();
    const repeat = async (seconds: number, kid: string) => {
      now += seconds * 1000;
      expect(await judge(verifier, await issuer.makeToken({ kid, issuedAt: now / 1000 }))).toBe(
        'unknown_key',
      );
      return server.requests;
    };
    expect(await repeat(31, 'old')).toBe(2);
    expect(await repeat(31, 'old')).toBe(2);
    expect(await repeat(31, 'old')).toBe(2);
    expect(await repeat(0, 'other')).toBe(3);
    expect(await repeat(60, 'old')).toBe(4);
  });

  it('include a key that was requested before it was published, after the next fetch', async () => {
    let now = Date.now();
    start({ cooldownSeconds: 30 }, () => now);
    await verifier.loadKeys();
    const next = await makeKey();
    now += 31_000;
    const early = await issuer.makeToken({ kid: next.kid });
    expect(await judge(verifier, early)).toBe('unknown_key');
    server.serve({ jwks: () => ({ keys: [...issuer.jwks().keys, next.publicJwk] }) });
    now += 31_000;
    expect(await judge(verifier, await issuer.makeToken({ kid: 'any' }))).toBe('unknown_key');
    const token = await issuer.makeToken({ key: next, issuedAt: now / 1000 });
    expect(await judge(verifier, token)).toBe('accepted');
  });

  it('are reported with their age and the number of fetches', async () => {
    let now = Date.now();
    start({}, () => now);
    await verifier.loadKeys();
    now += 10_000;
    expect(verifier.status().issuers).toEqual([
      {
        issuer: server.origin,
        keyIds: [issuer.keys[0]!.kid],
        ignored: [],
        ageSeconds: 10,
        lastFetchSucceeded: true,
        fetches: { succeeded: 1, failed: 0 },
      },
    ]);
  });

  it('are reported with the reasons why they were ignored, if none is usable', async () => {
    const causes: unknown[] = [];
    const onKeySetFetch = ({ cause }: { cause?: unknown }) => causes.push(cause);
    verifier = createVerifier({
      issuer: server.origin,
      audience: 'orders',
      revocations: 'ignore',
      keySet: { cooldownSeconds: 0.01 },
      onKeySetFetch,
    });
    const good = await issuer.makeToken();
    expect(await judge(verifier, good)).toBe('accepted');
    server.serve({ jwks: () => ({ keys: [{ kty: 'EC', kid: 'curve', alg: 'ES256' }, {}] }) });
    await waitFor(async () => {
      await judge(verifier, await issuer.makeToken({ kid: randomUUID() }));
      return verifier.status().issuers[0]!.ignored.length > 0;
    });
    expect(verifier.status().issuers[0]).toMatchObject({
      keyIds: [issuer.keys[0]!.kid],
      ignored: [
        { keyId: 'curve', reason: 'unsupported algorithm' },
        { keyId: undefined, reason: 'no kid' },
      ],
      lastFetchSucceeded: false,
    });
    expect(causes.at(-1)).toMatchObject({
      message: 'the key set has no usable key: unsupported algorithm (kid curve); no kid',
    });
    expect(await judge(verifier, good)).toBe('accepted');
  });

  it('are read after a byte order mark', async () => {
    server.behave('marked');
    start();
    expect(await judge(verifier, await issuer.makeToken())).toBe('accepted');
  });

  it('are found if the issuer ends with a slash', async () => {
    const slashed = await makeIssuer({ issuer: `${server.origin}/`, audience: 'orders' });
    server.serve(slashed);
    verifier = createVerifier({
      issuer: slashed.issuer,
      audience: 'orders',
      revocations: 'ignore',
    });
    expect(await judge(verifier, await slashed.makeToken())).toBe('accepted');
    expect(server.paths).toEqual(['/.well-known/jwks.json']);
  });

  it('are never fetched from a URL in the token', async () => {
    start();
    await verifier.loadKeys();
    const trap = await startJwksServer();
    for (const header of [{ jku: trap.url }, { x5u: trap.url }, { jwk: issuer.jwks().keys[0] }]) {
      expect(await judge(verifier, await issuer.makeToken({ header }))).toBe('unsupported_header');
    }
    expect(trap.requests).toBe(0);
    await trap.close();
  });

  it('are kept apart for several issuers', async () => {
    const other = await startJwksServer();
    const otherIssuer = await makeIssuer({ issuer: other.origin, audience: 'orders' });
    other.serve(otherIssuer);
    verifier = createVerifier({
      issuers: [
        { issuer: server.origin, audience: 'orders' },
        { issuer: other.origin, audience: 'orders' },
      ],
      revocations: 'ignore',
    });
    expect(await judge(verifier, await issuer.makeToken())).toBe('accepted');
    expect(await judge(verifier, await otherIssuer.makeToken())).toBe('accepted');
    const crossed = await otherIssuer.makeToken({ claims: { iss: server.origin } });
    expect(await judge(verifier, crossed)).toBe('unknown_key');
    await other.close();
  });
});
