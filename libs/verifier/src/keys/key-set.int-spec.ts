import { makeIssuer, makeKey, startJwksServer, waitFor } from '@latchkey/testing';
import { randomUUID } from 'node:crypto';
import { createVerifier } from '../index.js';
import { useKeySet } from '../../test/key-set-fixture.js';
import { judge } from '../../test/verifier-fixture.js';

describe('the keys of an issuer', () => {
  const bed = useKeySet();

  it('are fetched once for any number of parallel requests', async () => {
    bed.start();
    const tokens = await Promise.all(Array.from({ length: 100 }, () => bed.issuer.makeToken()));
    await Promise.all(tokens.map((token) => bed.verifier.verify(token)));
    expect(bed.server.requests).toBe(1);
  });

  it('are fetched at most once for 300 invented kids, and valid tokens are accepted, even during a cold start', async () => {
    bed.start();
    const good = await bed.issuer.makeToken();
    const outcomes = await Promise.all(
      Array.from({ length: 300 }, async (_, index) => {
        const bad = await bed.issuer.makeToken({ kid: `invented-${index}` });
        return [await judge(bed.verifier, bad), await judge(bed.verifier, good)];
      }),
    );
    expect(new Set(outcomes.map(([bad]) => bad))).toEqual(new Set(['unknown_key']));
    expect(new Set(outcomes.map(([, fine]) => fine))).toEqual(new Set(['accepted']));
    expect(bed.server.requests).toBe(1);
  });

  it('are fetched again for an unknown kid after the cooldown', async () => {
    let now = Date.now();
    bed.start({ cooldownSeconds: 30 }, () => now);
    await bed.verifier.loadKeys();
    const key = await bed.issuer.addKey();
    const token = await bed.issuer.makeToken({ key });
    expect(await judge(bed.verifier, token)).toBe('unknown_key');
    now += 31_000;
    expect(await judge(bed.verifier, token)).toBe('accepted');
    expect(bed.server.requests).toBe(2);
  });

  it('are refreshed in the background, without a call of verify', async () => {
    bed.start({ refreshAfterSeconds: 0.5 });
    await bed.verifier.loadKeys();
    await waitFor(() => bed.server.requests >= 2);
  });

  it('no longer include a key that the issuer removed, even for cached tokens', async () => {
    bed.start({ refreshAfterSeconds: 0.5 });
    const old = await bed.issuer.makeToken();
    expect(await judge(bed.verifier, old)).toBe('accepted');
    const { kid } = bed.issuer.keys[0]!;
    await bed.issuer.addKey();
    bed.issuer.removeKey(kid);
    await waitFor(async () => (await judge(bed.verifier, old)) === 'unknown_key');
    expect(await judge(bed.verifier, await bed.issuer.makeToken())).toBe('accepted');
  });

  it('are fetched again after the process was suspended for longer than their age', async () => {
    let now = Date.now();
    bed.start({ refreshAfterSeconds: 300 }, () => now);
    await bed.verifier.loadKeys();
    const old = bed.issuer.keys[0]!;
    await bed.issuer.addKey();
    bed.issuer.removeKey(old.kid);
    now += 301_000;
    const token = await bed.issuer.makeToken({ key: old, issuedAt: now / 1000 });
    expect(await judge(bed.verifier, token)).toBe('unknown_key');
  });

  it('are not fetched again for a repeated unknown kid, but for another one', async () => {
    let now = Date.now();
    bed.start({ cooldownSeconds: 30 }, () => now);
    await bed.verifier.loadKeys();
    const repeat = async (seconds: number, kid: string) => {
      now += seconds * 1000;
      expect(
        await judge(bed.verifier, await bed.issuer.makeToken({ kid, issuedAt: now / 1000 })),
      ).toBe('unknown_key');
      return bed.server.requests;
    };
    expect(await repeat(31, 'old')).toBe(2);
    expect(await repeat(31, 'old')).toBe(2);
    expect(await repeat(31, 'old')).toBe(2);
    expect(await repeat(0, 'other')).toBe(3);
    expect(await repeat(60, 'old')).toBe(4);
  });

  it('include a key that was requested before it was published, after the next fetch', async () => {
    let now = Date.now();
    bed.start({ cooldownSeconds: 30 }, () => now);
    await bed.verifier.loadKeys();
    const next = await makeKey();
    now += 31_000;
    const early = await bed.issuer.makeToken({ kid: next.kid });
    expect(await judge(bed.verifier, early)).toBe('unknown_key');
    bed.server.serve({ jwks: () => ({ keys: [...bed.issuer.jwks().keys, next.publicJwk] }) });
    now += 31_000;
    expect(await judge(bed.verifier, await bed.issuer.makeToken({ kid: 'any' }))).toBe(
      'unknown_key',
    );
    const token = await bed.issuer.makeToken({ key: next, issuedAt: now / 1000 });
    expect(await judge(bed.verifier, token)).toBe('accepted');
  });

  it('include a key again that a server with an older key set left out, after the next fetch', async () => {
    let now = Date.now();
    bed.start({ cooldownSeconds: 30 }, () => now);
    await bed.verifier.loadKeys();
    const older = bed.issuer.jwks();
    const key = await bed.issuer.addKey();
    const judgeLater = async (options: { kid: string } | { key: typeof key }) => {
      now += 31_000;
      const token = await bed.issuer.makeToken({ ...options, issuedAt: now / 1000 });
      return judge(bed.verifier, token);
    };
    expect(await judgeLater({ key })).toBe('accepted');
    bed.server.serve({ jwks: () => older });
    expect(await judgeLater({ kid: 'any' })).toBe('unknown_key');
    bed.server.serve(bed.issuer);
    expect(await judgeLater({ key })).toBe('accepted');
  });

  it('are read after a byte order mark', async () => {
    bed.server.behave('marked');
    bed.start();
    expect(await judge(bed.verifier, await bed.issuer.makeToken())).toBe('accepted');
  });

  it('are found if the issuer ends with a slash', async () => {
    const slashed = await makeIssuer({ issuer: `${bed.server.origin}/`, audience: 'orders' });
    bed.server.serve(slashed);
    bed.verifier = createVerifier({
      issuer: slashed.issuer,
      audience: 'orders',
      revocations: 'ignore',
    });
    expect(await judge(bed.verifier, await slashed.makeToken())).toBe('accepted');
    expect(bed.server.paths).toEqual(['/.well-known/jwks.json']);
  });

  it('are never fetched from a URL in the token', async () => {
    bed.start();
    await bed.verifier.loadKeys();
    const trap = await startJwksServer();
    for (const header of [
      { jku: trap.url },
      { x5u: trap.url },
      { jwk: bed.issuer.jwks().keys[0] },
    ]) {
      expect(await judge(bed.verifier, await bed.issuer.makeToken({ header }))).toBe(
        'unsupported_header',
      );
    }
    expect(trap.requests).toBe(0);
    await trap.close();
  });

  it('are kept apart for several issuers', async () => {
    const other = await startJwksServer();
    const otherIssuer = await makeIssuer({ issuer: other.origin, audience: 'orders' });
    other.serve(otherIssuer);
    bed.verifier = createVerifier({
      issuers: [
        { issuer: bed.server.origin, audience: 'orders' },
        { issuer: other.origin, audience: 'orders' },
      ],
      revocations: 'ignore',
    });
    expect(await judge(bed.verifier, await bed.issuer.makeToken())).toBe('accepted');
    expect(await judge(bed.verifier, await otherIssuer.makeToken())).toBe('accepted');
    const crossed = await otherIssuer.makeToken({ claims: { iss: bed.server.origin } });
    expect(await judge(bed.verifier, crossed)).toBe('unknown_key');
    await other.close();
  });

  it('are reported with their age and the number of fetches', async () => {
    let now = Date.now();
    bed.start({}, () => now);
    await bed.verifier.loadKeys();
    now += 10_000;
    expect(bed.verifier.status().issuers).toEqual([
      {
        issuer: bed.server.origin,
        keyIds: [bed.issuer.keys[0]!.kid],
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
    bed.verifier = createVerifier({
      issuer: bed.server.origin,
      audience: 'orders',
      revocations: 'ignore',
      keySet: { cooldownSeconds: 0.01 },
      onKeySetFetch,
    });
    const good = await bed.issuer.makeToken();
    expect(await judge(bed.verifier, good)).toBe('accepted');
    bed.server.serve({ jwks: () => ({ keys: [{ kty: 'EC', kid: 'curve', alg: 'ES256' }, {}] }) });
    await waitFor(async () => {
      await judge(bed.verifier, await bed.issuer.makeToken({ kid: randomUUID() }));
      return bed.verifier.status().issuers[0]!.ignored.length > 0;
    });
    expect(bed.verifier.status().issuers[0]).toMatchObject({
      keyIds: [bed.issuer.keys[0]!.kid],
      ignored: [
        { keyId: 'curve', reason: 'unsupported algorithm' },
        { keyId: undefined, reason: 'no kid' },
      ],
      lastFetchSucceeded: false,
    });
    expect(causes.at(-1)).toMatchObject({
      message: 'the key set has no usable key: unsupported algorithm (kid curve); no kid',
    });
    expect(await judge(bed.verifier, good)).toBe('accepted');
  });
});
