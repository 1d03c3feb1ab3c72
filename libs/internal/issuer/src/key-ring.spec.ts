import { createPublicKey, randomBytes } from 'node:crypto';
import { calculateJwkThumbprint, jwtVerify } from 'jose';
import {
  REVOCATION_EVENT_AUDIENCE,
  revocationToEventClaims,
  watermarkToEventClaims,
} from '@latchkey/contracts';
import { KeyDecryptionError, SigningUnavailableError } from './errors.js';
import { signEvent } from './event-signing.js';
import { InMemorySigningKeyStore } from './in-memory-signing-key-store.js';
import { KeyEncryption } from './key-encryption.js';
import type { KeyPolicy } from './key-lifecycle.js';
import { KeyRing } from './key-ring.js';

const policy: KeyPolicy = {
  publishAheadSeconds: 60,
  rotationSeconds: 1000,
  retireAfterSeconds: 400,
  maxSnapshotAgeSeconds: 30,
};

function setUp() {
  const clock = { milliseconds: 1_800_000_000_000 };
  const encryption = new KeyEncryption(randomBytes(32));
  const store = new InMemorySigningKeyStore(() => clock.milliseconds);
  const makeRing = (over: Partial<ConstructorParameters<typeof KeyRing>[0]> = {}) =>
    new KeyRing({
      store,
      encryption,
      policy,
      monotonicNow: () => clock.milliseconds,
      ...over,
    });
  const advance = (seconds: number) => (clock.milliseconds += seconds * 1000);
  return { clock, store, encryption, makeRing, advance, ring: makeRing() };
}

const statesOf = (ring: KeyRing) => ring.states.map(({ state }) => state).sort();
const kids = (ring: KeyRing) => ring.publicKeys.map(({ kid }) => kid);
const pendingOf = (ring: KeyRing) => ring.states.find(({ state }) => state === 'pending')!.keyId;

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

  describe('when the store has not answered for a long time', () => {
    it('stops signing but still serves the public keys', async () => {
      const { ring, advance } = setUp();
      await ring.maintain();
      advance(policy.maxSnapshotAgeSeconds + 1);
      expect(() => ring.signingKey()).toThrow(SigningUnavailableError);
      expect(ring.publicKeys).toHaveLength(2);
    });
  });

  describe('under another key-encryption key', () => {
    it('fails clearly and creates no new key', async () => {
      const { ring, store, makeRing } = setUp();
      await ring.maintain();
      const before = await store.load();
      const stranger = makeRing({ encryption: new KeyEncryption(randomBytes(32)) });
      await expect(stranger.maintain()).rejects.toThrow(KeyDecryptionError);
      expect((await store.load()).keys).toEqual(before.keys);
      expect(stranger.loaded).toBe(false);
    });
  });

  describe('when the key-encryption key is changed', () => {
    const [old, fresh] = [randomBytes(32), randomBytes(32)];
    const before = new KeyEncryption(old);
    const announced = new KeyEncryption(old, { next: fresh });
    const switched = new KeyEncryption(fresh, { previous: old });
    const after = new KeyEncryption(fresh);

    async function setUpUnder(encryption: KeyEncryption) {
      const parts = setUp();
      const ring = parts.makeRing({ encryption });
      await ring.maintain();
      const privateKey = ring.signingKey().privateKey.export({ format: 'jwk' });
      const restart = async (
        by: KeyEncryption,
        over: Parameters<typeof parts.makeRing>[0] = {},
      ) => {
        const restarted = parts.makeRing({ encryption: by, ...over });
        await restarted.maintain();
        return restarted;
      };
      return { ...parts, ring, privateKey, restart };
    }

    it('re-encrypts every private key, and changes nothing else', async () => {
      const { ring, store, privateKey, restart, advance } = await setUpUnder(before);
      const snapshot = await store.load();
      advance(10);
      const reencrypted: string[][] = [];
      const onReencrypted = (keyIds: readonly string[]) => reencrypted.push([...keyIds].sort());
      const restarted = await restart(switched, { onReencrypted });
      expect(reencrypted).toEqual([kids(ring).sort()]);
      expect(restarted.encryption).toEqual({
        encryptedWith: { current: 2, previous: 0, next: 0 },
        undecryptable: [],
      });
      expect(restarted.publicKeys).toEqual(ring.publicKeys);
      expect(restarted.states).toEqual(ring.states);
      expect(restarted.signingKey().privateKey.export({ format: 'jwk' })).toEqual(privateKey);
      const now = await store.load();
      for (const [index, key] of now.keys.entries()) {
        const { encryptedPrivateKey, ...rest } = key;
        expect(snapshot.keys[index]).toMatchObject(rest);
        expect(snapshot.keys[index]!.encryptedPrivateKey).not.toEqual(encryptedPrivateKey);
      }
      expect((await restart(after)).signingKey().keyId).toBe(ring.signingKey().keyId);
      expect(reencrypted).toHaveLength(1);
    });

    it('does not re-encrypt keys of the next one, so that replicas do not undo each other’s work', async () => {
      const { store, restart } = await setUpUnder(after);
      const snapshot = await store.load();
      const ring = await restart(announced);
      expect(ring.encryption.encryptedWith).toEqual({ current: 0, previous: 0, next: 2 });
      expect((await store.load()).keys).toEqual(snapshot.keys);
    });

    it('re-encrypts once when replicas do it concurrently', async () => {
      const { makeRing } = await setUpUnder(before);
      const done: number[] = [];
      const rings = [1, 2, 3].map((replica) =>
        makeRing({ encryption: switched, onReencrypted: () => done.push(replica) }),
      );
      await Promise.all(rings.map((ring) => ring.maintain()));
      expect(done).toHaveLength(1);
      for (const ring of rings) expect(ring.encryption.encryptedWith.current).toBe(2);
    });

    it('notices what another replica has re-encrypted', async () => {
      const { ring, restart } = await setUpUnder(announced);
      await restart(switched);
      await ring.maintain();
      expect(ring.encryption.encryptedWith).toEqual({ current: 0, previous: 0, next: 2 });
    });

    describe('on a replica that has only the old one', () => {
      it('still signs, creates nothing, and reports which keys it cannot decrypt', async () => {
        const { ring, store, privateKey, restart, advance } = await setUpUnder(before);
        await restart(switched);
        const snapshot = await store.load();
        advance(policy.maxSnapshotAgeSeconds + 1);
        await ring.maintain();
        expect(ring.signingKey().privateKey.export({ format: 'jwk' })).toEqual(privateKey);
        expect(ring.encryption.undecryptable.map(({ keyId }) => keyId).sort()).toEqual(
          kids(ring).sort(),
        );
        advance(policy.rotationSeconds);
        await ring.maintain();
        expect((await store.load()).keys).toEqual(snapshot.keys);
        await expect(ring.rotate()).rejects.toThrow(KeyDecryptionError);
        expect((await store.load()).keys).toEqual(snapshot.keys);
      });

      it('stops signing but still publishes when a key that it never decrypted becomes active', async () => {
        const { ring, restart, advance } = await setUpUnder(before);
        const other = await restart(switched);
        for (const seconds of [policy.rotationSeconds, policy.rotationSeconds]) {
          advance(seconds);
          await other.maintain();
        }
        await ring.maintain();
        expect(() => ring.signingKey()).toThrow(/not_decrypted/);
        expect(kids(ring).sort()).toEqual(kids(other).sort());
      });

      it('still revokes a key at once, if that does not need a new one', async () => {
        const { ring, store, restart } = await setUpUnder(before);
        const other = await restart(switched);
        const revoked = ring.signingKey().keyId;
        expect(await store.apply(await ring.changesToRevoke(revoked))).toBe('applied');
        await ring.maintain();
        expect(kids(ring)).not.toContain(revoked);
        await expect(ring.changesToRevoke(ring.signingKey().keyId)).rejects.toThrow(
          KeyDecryptionError,
        );
        await other.maintain();
        expect(statesOf(other)).toEqual(['active', 'pending', 'revoked']);
      });

      it('recovers on its own when the keys are encrypted with the old one again', async () => {
        const { ring, restart } = await setUpUnder(before);
        await restart(switched);
        await ring.maintain();
        expect(ring.encryption.undecryptable).toHaveLength(2);
        await restart(new KeyEncryption(old, { previous: fresh }));
        await ring.maintain();
        expect(ring.encryption.undecryptable).toHaveLength(0);
      });
    });

    it.each([
      ['the new one alone, before the switch', before, after],
      ['the old one alone, after the switch', after, before],
      ['the old and a stranger', after, new KeyEncryption(old, { next: randomBytes(32) })],
    ])('does not start with %s, and makes no key', async (_, stored, wrong) => {
      const { store, restart } = await setUpUnder(stored);
      const snapshot = await store.load();
      await expect(restart(wrong)).rejects.toThrow(KeyDecryptionError);
      expect((await store.load()).keys).toEqual(snapshot.keys);
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
      position: 1,
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
