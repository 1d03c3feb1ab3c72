import { createPublicKey, randomBytes } from 'node:crypto';
import { calculateJwkThumbprint, jwtVerify } from 'jose';
import {
  REVOCATION_EVENT_AUDIENCE,
  revocationToEventClaims,
  watermarkToEventClaims,
} from '@latchkey/contracts';
import { kids, pendingOf, policy, setUp, statesOf } from '../test/key-ring-fixture.js';
import { KeyDecryptionError, SigningUnavailableError } from './errors.js';
import { signEvent } from './event-signing.js';
import { KeyEncryption } from './key-encryption.js';

describe('KeyRing', () => {
  describe('before the first load', () => {
    it('signs nothing and publishes nothing', () => {
      const { ring } = setUp();
      expect(ring.loaded).toBe(false);
      expect(ring.publicKeys).toEqual([]);
      expect(() => ring.signingKey()).toThrow(SigningUnavailableError);
      expect(() => ring.now()).toThrow(SigningUnavailableError);
    });
  });

  describe('at the very first start', () => {
    it('signs at once and publishes the next key already', async () => {
      const { ring } = setUp();
      await ring.maintain();
      expect(statesOf(ring)).toEqual(['active', 'pending']);
      expect(kids(ring)).toContain(ring.signingKey().keyId);
    });

    it('creates one active key however many replicas start together', async () => {
      const { makeRing } = setUp();
      const rings = [makeRing(), makeRing(), makeRing()];
      await Promise.all(rings.map((ring) => ring.maintain()));
      await Promise.all(rings.map((ring) => ring.load()));
      expect(new Set(rings.map((ring) => ring.signingKey().keyId)).size).toBe(1);
      expect(statesOf(rings[0]!)).toEqual(['active', 'pending']);
    });

    it('identifies each key by its RFC 7638 thumbprint and serves no private member', async () => {
      const { ring } = setUp();
      await ring.maintain();
      for (const jwk of ring.publicKeys) {
        expect(jwk.kid).toBe(await calculateJwkThumbprint({ ...jwk }));
        expect(Object.keys(jwk).sort()).toEqual(['alg', 'e', 'kid', 'kty', 'n', 'use']);
        const details = createPublicKey({ key: { ...jwk }, format: 'jwk' }).asymmetricKeyDetails;
        expect(details).toMatchObject({ modulusLength: 2048 });
      }
    });
  });

  describe('over the life of a key', () => {
    it('publishes, signs with and retires keys, and every token stays verifiable for its whole life', async () => {
      const { ring, advance } = setUp();
      await ring.maintain();
      const first = ring.signingKey().keyId;
      const next = pendingOf(ring);

      advance(policy.rotationSeconds - 1);
      await ring.maintain();
      expect(ring.signingKey().keyId).toBe(first);

      advance(1);
      await ring.maintain();
      expect(ring.signingKey().keyId).toBe(next);
      expect(kids(ring)).toEqual(expect.arrayContaining([first, next]));
      expect(statesOf(ring)).toEqual(['active', 'pending', 'retiring']);

      advance(policy.retireAfterSeconds - 1);
      await ring.maintain();
      expect(kids(ring)).toContain(first);

      advance(1);
      await ring.maintain();
      expect(kids(ring)).not.toContain(first);
      expect(ring.states.find(({ keyId }) => keyId === first)?.state).toBe('retired');
    });

    it('never signs with a key that was published a moment ago, however late the rotation is', async () => {
      const eager = setUp();
      const ring = eager.makeRing({ policy: { ...policy, rotationSeconds: 0 } });
      await ring.maintain();
      const first = ring.signingKey().keyId;
      eager.advance(policy.publishAheadSeconds - 1);
      await ring.maintain();
      expect(ring.signingKey().keyId).toBe(first);
      eager.advance(1);
      await ring.maintain();
      expect(ring.signingKey().keyId).not.toBe(first);
    });

    it('deletes the private key of a key that no longer signs', async () => {
      const { ring, store, advance } = setUp();
      await ring.maintain();
      const first = ring.signingKey().keyId;
      advance(policy.rotationSeconds);
      await ring.maintain();
      const stored = (await store.load()).keys.find(({ keyId }) => keyId === first);
      expect(stored?.state).toBe('retiring');
      expect(stored?.encryptedPrivateKey).toBeUndefined();
    });
  });

  describe('rotated on demand', () => {
    it('switches to the pending key once every verifier can know it', async () => {
      const { ring, advance } = setUp();
      await ring.maintain();
      const next = pendingOf(ring);
      expect(await ring.rotate()).toEqual({ rotated: false, retryAfterSeconds: 60 });
      advance(60);
      expect(await ring.rotate()).toEqual({ rotated: true, keyId: next });
      expect(ring.signingKey().keyId).toBe(next);
    });

    it('rotates once when two replicas are asked concurrently', async () => {
      const { makeRing, advance } = setUp();
      const [one, two] = [makeRing(), makeRing()];
      await Promise.all([one.maintain(), two.maintain()]);
      advance(60);
      const outcomes = await Promise.all([one.rotate(), two.rotate()]);
      expect(outcomes.filter(({ rotated }) => rotated)).toHaveLength(1);
    });
  });

  describe('when a key is revoked', () => {
    it('promotes the pending key in the same change', async () => {
      const { ring, store } = setUp();
      await ring.maintain();
      const revoked = ring.signingKey().keyId;
      const next = pendingOf(ring);
      expect(await store.apply(await ring.changesToRevoke(revoked))).toBe('applied');
      await ring.maintain();
      expect(ring.signingKey().keyId).toBe(next);
      expect(kids(ring)).not.toContain(revoked);
      expect(statesOf(ring)).toEqual(['active', 'pending', 'revoked']);
    });

    it('creates a new key if there is no pending one', async () => {
      const { ring, store } = setUp();
      await ring.maintain();
      await store.apply(await ring.changesToRevoke(pendingOf(ring)));
      const active = ring.signingKey().keyId;
      await store.apply(await ring.changesToRevoke(active));
      await ring.maintain();
      expect(ring.signingKey().keyId).not.toBe(active);
      expect(statesOf(ring)).toEqual(['active', 'pending', 'revoked', 'revoked']);
    });

    it('changes nothing for a key that is unknown or already revoked', async () => {
      const { ring, store } = setUp();
      await ring.maintain();
      expect(await ring.changesToRevoke('no-such-key')).toEqual([]);
      const pending = pendingOf(ring);
      await store.apply(await ring.changesToRevoke(pending));
      expect(await ring.changesToRevoke(pending)).toEqual([]);
    });
  });

  it('keeps the keys of the later of two overlapping loads, although it ends first', async () => {
    const { ring, store } = setUp();
    await ring.maintain();
    const revoked = ring.signingKey().keyId;
    const older = await store.load();
    let answer: () => void = () => undefined;
    const answered = new Promise<void>((resolve) => (answer = resolve));
    const load = store.load.bind(store);
    store.load = () => answered.then(() => older);
    const slow = ring.load();
    store.load = load;
    await store.apply(await ring.changesToRevoke(revoked));
    await ring.load();
    answer();
    await slow;
    expect(kids(ring)).not.toContain(revoked);
    expect(ring.signingKey().keyId).not.toBe(revoked);
  });

  describe('when the store has gone back to an older copy', () => {
    const replaceBoth = async () => {
      const { ring, store, makeRing } = setUp();
      await ring.maintain();
      const older = await store.load();
      const old = [pendingOf(ring), ring.signingKey().keyId];
      for (const keyId of old) {
        await store.apply(await ring.changesToRevoke(keyId));
        await ring.maintain();
      }
      const replacement = ring.signingKey().keyId;
      const unrevokedSeen = () => ring.unrevokedKeysSeen.map(({ kid }) => kid);
      const goBack = () => {
        store.load = () => Promise.resolve(older);
        return ring.load();
      };
      return { ring, makeRing, old, replacement, unrevokedSeen, goBack };
    };

    it('remembers the keys that the store has lost, but does not serve them', async () => {
      const { ring, makeRing, replacement, unrevokedSeen, goBack } = await replaceBoth();
      await goBack();
      expect(unrevokedSeen()).toContain(replacement);
      expect(kids(ring)).not.toContain(replacement);
      const young = makeRing();
      await young.load();
      expect(young.unrevokedKeysSeen.map(({ kid }) => kid)).not.toContain(replacement);
    });

    it('remembers which keys were revoked', async () => {
      const { ring, old, unrevokedSeen, goBack } = await replaceBoth();
      for (const keyId of old) expect(unrevokedSeen()).not.toContain(keyId);
      await goBack();
      expect([...ring.revokedKeyIdsSeen].sort()).toEqual([...old].sort());
    });
  });

  describe('when the store has not answered for a long time', () => {
    it('stops signing but still serves the public keys', async () => {
      const { ring, advance } = setUp();
      await ring.maintain();
      advance(policy.maxReadingAgeSeconds + 1);
      expect(() => ring.signingKey()).toThrow(SigningUnavailableError);
      expect(ring.publicKeys).toHaveLength(2);
    });
  });

  describe('under another key-encryption key', () => {
    it('fails clearly and creates no new key', async () => {
      const { ring, store, makeRing } = setUp();
      await ring.maintain();
      const before = await store.load();
      const misconfigured = makeRing({ encryption: new KeyEncryption(randomBytes(32)) });
      await expect(misconfigured.maintain()).rejects.toThrow(KeyDecryptionError);
      expect((await store.load()).keys).toEqual(before.keys);
      expect(misconfigured.loaded).toBe(false);
    });
  });

  it('uses the time of the store even if its own clock is wrong', async () => {
    const { makeRing, clock } = setUp();
    const own = { milliseconds: 5 };
    const ring = makeRing({ monotonicNow: () => own.milliseconds });
    await ring.maintain();
    own.milliseconds += 1500;
    expect(ring.now()).toBe(clock.milliseconds + 1500);
  });

  it('signs events that verify under the published key', async () => {
    const { ring } = setUp();
    await ring.maintain();
    const key = ring.signingKey();
    const issuer = 'https://auth.example';
    const watermark = {
      issuer,
      timeMilliseconds: 1000,
      issuedAt: 1,
      serials: { from: 1, through: 1 },
      revokedKeys: [],
      sequence: 1,
      epoch: crypto.randomUUID(),
    };
    const revocation = {
      kind: 'session' as const,
      id: crypto.randomUUID(),
      issuer,
      revokedAt: 1,
      expiresAt: 2,
      trigger: 'logout',
      sessionId: 's-1',
    };
    const jwk = ring.publicKeys.find(({ kid }) => kid === key.keyId)!;
    for (const claims of [
      revocationToEventClaims(revocation, 1),
      watermarkToEventClaims(watermark, crypto.randomUUID()),
    ]) {
      const event = await signEvent(claims, key);
      const { payload, protectedHeader } = await jwtVerify(
        event,
        createPublicKey({ key: { ...jwk }, format: 'jwk' }),
        { audience: REVOCATION_EVENT_AUDIENCE },
      );
      expect(protectedHeader).toEqual({ alg: 'RS256', typ: 'secevent+jwt', kid: key.keyId });
      expect(payload).toEqual(claims);
    }
  });
});
