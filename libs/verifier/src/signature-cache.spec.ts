import { makeIssuer, type TestIssuer } from '@latchkey/testing';
import { createVerifier, type RevocationCheck, type Verifier } from './index.js';
import type { KeySet } from './keys/key-set.js';
import type { TokenPrincipal } from './principal.js';
import { SignatureCache, type CheckedToken } from './signature-cache.js';
import { ISSUER, judge } from '../test/verifier-fixture.js';

const entry = (token: string): CheckedToken => ({
  token,
  principal: { tokenId: token } as TokenPrincipal,
  expiresAt: 0,
  validFrom: 0,
  key: {} as CheckedToken['key'],
  keySet: {} as KeySet,
  revocation: { isRevoked: () => false },
});
const TAIL = 'x'.repeat(64);

describe('SignatureCache', () => {
  it('misses a token that differs from the cached one in any character', () => {
    const cache = new SignatureCache(100);
    const token = `head.body.${TAIL}`;
    cache.add(entry(token));
    expect(cache.get(token)?.token).toBe(token);
    for (let index = 0; index < token.length; index++) {
      const other = `${token.slice(0, index)}!${token.slice(index + 1)}`;
      expect(cache.get(other)).toBeUndefined();
    }
    for (const other of ['', token.slice(1), `a${token}`, `${token}x`]) {
      expect(cache.get(other)).toBeUndefined();
    }
  });

  it('keeps two tokens with the same cache key apart (CVE-2026-35039)', () => {
    const cache = new SignatureCache(100);
    const [ada, grace] = [`head.ada.${TAIL}`, `head.grace.${TAIL}`];
    cache.add(entry(ada));
    expect(cache.get(grace)).toBeUndefined();
    cache.add(entry(grace));
    expect(cache.get(grace)?.principal.tokenId).toBe(grace);
    expect(cache.get(ada)).toBeUndefined();
  });

  it('does not exceed its capacity, and keeps tokens that are in use', () => {
    const cache = new SignatureCache(100);
    const used = `used.${'u'.repeat(64)}`;
    cache.add(entry(used));
    for (let index = 0; index < 1_000; index++) {
      cache.add(entry(`token-${index}-${String(index).padStart(40, '0')}`));
      expect(cache.report().tokens).toBeLessThanOrEqual(100);
      expect(cache.get(used)?.token).toBe(used);
    }
  });

  it('is off if its capacity is 0', () => {
    const cache = new SignatureCache(0);
    cache.add(entry('a'));
    expect(cache.get('a')).toBeUndefined();
  });

  it('counts hits and misses', () => {
    const cache = new SignatureCache(10);
    cache.add(entry('a'));
    cache.get('a');
    cache.get('a');
    cache.get('b');
    expect(cache.report()).toEqual({ tokens: 1, hits: 2, misses: 1 });
  });
});

describe('a token whose signature check is cached', () => {
  let issuer: TestIssuer;
  let verifier: Verifier;
  let now: number;
  let revoked: boolean;
  let loaded: boolean;
  let staleness: number;

  beforeEach(async () => {
    now = Date.now();
    revoked = false;
    loaded = true;
    staleness = 0;
    issuer = await makeIssuer({ issuer: ISSUER, audience: 'orders', now: () => now });
    const revocations: RevocationCheck = {
      get loaded() {
        return loaded;
      },
      isRevoked: () => revoked,
      stalenessSeconds: () => staleness,
    };
    verifier = createVerifier({
      issuer: ISSUER,
      audience: 'orders',
      keys: () => Promise.resolve(issuer.jwks()),
      revocations,
      whenStale: 'refuse',
      now: () => now,
      keySet: { refreshAfterSeconds: 3_000, cooldownSeconds: 1 },
    });
  });
  afterEach(() => verifier.close());

  const cached = async (claims: Record<string, unknown> = {}) => {
    const token = await issuer.makeToken({ claims });
    expect(await judge(verifier, token)).toBe('accepted');
    expect(await judge(verifier, token)).toBe('accepted');
    expect(verifier.status().signatureCache).toMatchObject({ hits: 1, misses: 1 });
    return token;
  };

  it('is rejected from the second in which it expires (CVE-2026-107719)', async () => {
    const token = await cached();
    now += 304_000;
    expect(await judge(verifier, token)).toBe('accepted');
    now += 1_000;
    expect(await judge(verifier, token)).toBe('expired');
    now += 86_400_000;
    expect(await judge(verifier, token)).toBe('expired');
  });

  it('is rejected if the clock is set back to before it was issued', async () => {
    const token = await cached({ nbf: Math.floor(now / 1000) });
    now -= 60_000;
    expect(await judge(verifier, token)).toBe('not_yet_valid');
  });

  it('is rejected once it is revoked', async () => {
    const token = await cached();
    revoked = true;
    expect(await judge(verifier, token)).toBe('revoked');
  });

  it('is rejected once its key is no longer published', async () => {
    const token = await cached();
    const { kid } = issuer.keys[0]!;
    await issuer.addKey();
    issuer.removeKey(kid);
    now += 2_000;
    expect(await judge(verifier, await issuer.makeToken())).toBe('accepted');
    expect(await judge(verifier, token)).toBe('unknown_key');
  });

  it('is verified again if its kid now names another key', async () => {
    const token = await cached();
    const { kid } = issuer.keys[0]!;
    const other = await issuer.addKey();
    issuer.removeKey(kid);
    const jwks = issuer.jwks();
    issuer.jwks = () => ({ keys: [...jwks.keys, { ...other.publicJwk, kid }] });
    now += 2_000;
    expect(await judge(verifier, await issuer.makeToken())).toBe('accepted');
    expect(await judge(verifier, token)).toBe('bad_signature');
  });

  it('cannot be verified by a deny-list that is stale or not loaded', async () => {
    const token = await cached();
    staleness = 6;
    await expect(verifier.verify(token)).rejects.toMatchObject({ code: 'revocations_stale' });
    expect(await verifier.verify(token, { whenStale: 'accept' })).toBeDefined();
    staleness = Number.NaN;
    await expect(verifier.verify(token)).rejects.toMatchObject({ code: 'revocations_stale' });
    loaded = false;
    await expect(verifier.verify(token)).rejects.toMatchObject({ code: 'revocations_not_loaded' });
  });

  it('has an immutable principal, because all calls share it', async () => {
    const token = await cached({ act: { sub: 'orders' }, scope: 'orders:read' });
    const principal = (await verifier.verify(token)) as unknown as {
      audience: string[];
      actor: object;
      scopes: Set<string>;
    };
    expect(() => Object.assign(principal, { subject: 'root' })).toThrow(TypeError);
    expect(() => principal.audience.push('payments')).toThrow(TypeError);
    expect(() => Object.assign(principal.actor, { sub: 'root' })).toThrow(TypeError);
    expect(() => Set.prototype.add.call(principal.scopes, 'admin')).toThrow(TypeError);
  });

  it('was accepted before: rejected tokens are not cached', async () => {
    const bad = `${(await issuer.makeToken()).slice(0, -8)}AAAAAAAA`;
    for (let use = 0; use < 3; use++) expect(await judge(verifier, bad)).not.toBe('accepted');
    const early = await issuer.makeToken({ issuedAt: now / 1000 + 100 });
    expect(await judge(verifier, early)).toBe('not_yet_valid');
    expect(verifier.status().signatureCache).toEqual({ tokens: 0, hits: 0, misses: 4 });
  });
});
