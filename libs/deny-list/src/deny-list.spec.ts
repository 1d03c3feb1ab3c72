import type { Revocation } from '@latchkey/contracts';
import fc from 'fast-check';
import { randomUUID } from 'node:crypto';
import { DenyList, type TokenIdentity } from './index.js';

const ISSUER = 'https://issuer.test';
const START = 1_800_000_000;

function clock() {
  let seconds = START;
  const now = () => seconds * 1000;
  return {
    now,
    options: { now, monotonicNow: now, clockToleranceSeconds: 5 },
    pass: (by: number) => (seconds += by),
  };
}

type Target =
  | { kind: 'session'; sessionId: string }
  | { kind: 'token'; tokenId: string }
  | { kind: 'key'; keyId: string }
  | { kind: 'subject'; subject: string; before: number }
  | { kind: 'client'; clientId: string; before: number };

const revocation = (target: Target, expiresAt = START + 300): Revocation => ({
  id: randomUUID(),
  issuer: ISSUER,
  revokedAt: START,
  expiresAt,
  trigger: 'logout',
  ...target,
});

const token = (more: Partial<TokenIdentity> = {}): TokenIdentity => ({
  issuer: ISSUER,
  subject: 'ada',
  clientId: 'web',
  tokenId: 't1',
  sessionId: 's1',
  issuedAt: START - 10,
  keyId: 'k1',
  ...more,
});

describe('DenyList', () => {
  it.each<[string, Target]>([
    ['session', { kind: 'session', sessionId: 's1' }],
    ['token', { kind: 'token', tokenId: 't1' }],
    ['key', { kind: 'key', keyId: 'k1' }],
    ['subject', { kind: 'subject', subject: 'ada', before: START }],
    ['client', { kind: 'client', clientId: 'web', before: START }],
  ])('refuses a token whose %s is revoked, and no other', (_, target) => {
    const list = new DenyList(clock().options);
    list.apply(revocation(target));
    expect(list.isRevoked(token())).toBe(true);
    const other = { subject: 'x', clientId: 'x', tokenId: 'x', sessionId: 'x', keyId: 'x' };
    expect(list.isRevoked(token(other))).toBe(false);
    expect(list.isRevoked(token({ issuer: 'https://other.test' }))).toBe(false);
  });

  it('distinguishes a session, a token and a subject with the same name', () => {
    const list = new DenyList(clock().options);
    list.apply(revocation({ kind: 'session', sessionId: 'same' }));
    expect(list.isRevoked(token({ tokenId: 'same', subject: 'same', clientId: 'same' }))).toBe(
      false,
    );
  });

  it('accepts a token issued in the very second before which the subject was revoked', () => {
    const list = new DenyList(clock().options);
    list.apply(revocation({ kind: 'subject', subject: 'ada', before: START }));
    expect(list.isRevoked(token({ issuedAt: START - 1 }))).toBe(true);
    expect(list.isRevoked(token({ issuedAt: START }))).toBe(false);
  });

  it('keeps the later time when two revocations of a subject arrive out of order', () => {
    const list = new DenyList(clock().options);
    list.apply(revocation({ kind: 'subject', subject: 'ada', before: START }));
    list.apply(revocation({ kind: 'subject', subject: 'ada', before: START - 100 }));
    expect(list.isRevoked(token({ issuedAt: START - 1 }))).toBe(true);
  });

  it('keeps an entry until its token has expired by the tolerance, then drops it', () => {
    const time = clock();
    const list = new DenyList(time.options);
    list.apply(revocation({ kind: 'session', sessionId: 's1' }, START + 60));
    time.pass(64);
    list.applyWatermark(watermark(time.now()));
    expect(list.isRevoked(token())).toBe(true);
    time.pass(40);
    sweep(list, time.now());
    expect(list.size).toBe(0);
  });

  it('does not shorten an entry that arrives again with an earlier expiry', () => {
    const time = clock();
    const list = new DenyList(time.options);
    list.apply(revocation({ kind: 'session', sessionId: 's1' }, START + 600));
    list.apply(revocation({ kind: 'session', sessionId: 's1' }, START + 10));
    time.pass(500);
    list.applyWatermark(watermark(time.now()));
    expect(list.isRevoked(token())).toBe(true);
  });

  it.each([Number.NaN, undefined, '1800000300'])(
    'rejects a time that is not a number: %p',
    (time) => {
      const list = new DenyList(clock().options);
      const session = { kind: 'session', sessionId: 's1' } as const;
      const subject = { kind: 'subject', subject: 'ada', before: time as never } as const;
      const expiry = { ...revocation(session), expiresAt: time as never };
      expect(() => list.apply(expiry)).toThrow(/expiresAt/);
      expect(() => list.apply(revocation(subject))).toThrow(/before/);
    },
  );

  it('ignores an expired revocation once it knows the time', () => {
    const time = clock();
    const list = new DenyList(time.options);
    list.applyWatermark(watermark(time.now()));
    list.apply(revocation({ kind: 'session', sessionId: 's1' }, START - 60));
    expect(list.size).toBe(0);
  });

  it('forgets nothing because the wall clock was wrong at the start', () => {
    let wall = (START + 400) * 1000;
    const list = new DenyList({ now: () => wall, monotonicNow: () => 0 });
    list.apply(revocation({ kind: 'session', sessionId: 's1' }, START + 300), 1);
    wall = START * 1000;
    list.applyWatermark({ ...watermark(wall), serials: { from: 1, through: 1 } });
    expect(list.stalenessSeconds(ISSUER)).toBe(0);
    expect(list.isRevoked(token())).toBe(true);
  });

  it('keeps an entry while the wall clock leaps ahead and back', () => {
    let wall = START * 1000;
    const list = new DenyList({ now: () => wall, monotonicNow: () => 0 });
    list.apply(revocation({ kind: 'session', sessionId: 's1' }, START + 300));
    list.applyWatermark(watermark(wall));
    wall += 86_400_000;
    list.apply(revocation({ kind: 'session', sessionId: 's2' }, START + 300));
    wall -= 86_400_000;
    expect(list.isRevoked(token())).toBe(true);
    expect(list.isRevoked(token({ sessionId: 's2' }))).toBe(true);
  });

  it('drops many entries that expire together step by step, until none is left', () => {
    const time = clock();
    const list = new DenyList(time.options);
    for (let index = 0; index < 25_000; index++)
      list.apply(revocation({ kind: 'token', tokenId: `t${index}` }, START + 10));
    time.pass(60);
    const dropped: number[] = [];
    for (let step = 0; step < STEPS; step++) {
      const before = list.size;
      list.applyWatermark(watermark(time.now() + step));
      dropped.push(before - list.size);
    }
    expect(list.size).toBe(0);
    expect(Math.max(...dropped)).toBeLessThan(1_000);
  });

  it('uses at most 40 bytes per entry at any size', () => {
    const list = new DenyList(clock().options);
    for (let count = 1; count <= 60_000; count++) {
      list.apply(revocation({ kind: 'session', sessionId: randomUUID() }));
      if (count > 20_000 && count % 1_000 === 0) expect(list.bytes / count).toBeLessThan(40);
    }
  });

  it('frees the memory of expired entries', () => {
    const time = clock();
    const list = new DenyList(time.options);
    for (let index = 0; index < 20_000; index++)
      list.apply(revocation({ kind: 'token', tokenId: `t${index}` }, START + 10));
    const full = list.bytes;
    time.pass(60);
    sweep(list, time.now());
    expect(list.bytes).toBeLessThan(full / 10);
  });

  it('does not grow after it has reserved room, and keeps earlier entries', () => {
    const list = new DenyList(clock().options);
    list.apply(revocation({ kind: 'session', sessionId: 'before' }));
    const counts = { session: 100_000, token: 0, subject: 3, client: 0, key: 0 };
    list.reserve(ISSUER, counts);
    const { bytes } = list;
    for (let index = 0; index < 100_000; index++)
      list.apply(revocation({ kind: 'session', sessionId: randomUUID() }));
    expect(list.bytes).toBe(bytes);
    expect(bytes / 100_000).toBeLessThan(32);
    list.reserve(ISSUER, { ...counts, session: 10 });
    expect(list.size).toBe(100_001);
    expect(list.isRevoked(token({ sessionId: 'before' }))).toBe(true);
    expect(list.isRevoked(token({ sessionId: 'another' }))).toBe(false);
  });

  it('reuses the room of expired entries before it grows', () => {
    const time = clock();
    const list = new DenyList(time.options);
    const fill = () => {
      list.applyWatermark(watermark(time.now()));
      const expiresAt = time.now() / 1000 + 10;
      for (let index = 0; index < 20_000; index++)
        list.apply(revocation({ kind: 'token', tokenId: randomUUID() }, expiresAt));
    };
    fill();
    const full = list.bytes;
    for (let round = 0; round < 5; round++) {
      time.pass(60);
      fill();
    }
    expect(list.bytes).toBeLessThan(full * 1.6);
  });

  it('keeps an entry that expires after 2106, and refuses every token before a later time', () => {
    const time = clock();
    const list = new DenyList(time.options);
    list.apply(revocation({ kind: 'session', sessionId: 's1' }, 2 ** 40));
    list.apply(revocation({ kind: 'subject', subject: 'ada', before: 2 ** 40 }));
    time.pass(86_400);
    sweep(list, time.now());
    expect(list.isRevoked(token({ subject: 'x' }))).toBe(true);
    const fresh = new DenyList(time.options);
    fresh.apply(revocation({ kind: 'subject', subject: 'ada', before: 2 ** 40 }, 2 ** 40));
    expect(fresh.isRevoked(token({ issuedAt: 2 ** 35 }))).toBe(true);
  });

  it('finds each of many entries, and no absent one', () => {
    const list = new DenyList(clock().options);
    const ids = Array.from({ length: 30_000 }, () => randomUUID());
    for (const sessionId of ids) list.apply(revocation({ kind: 'session', sessionId }));
    expect(list.size).toBe(ids.length);
    expect(ids.every((sessionId) => list.isRevoked(token({ sessionId })))).toBe(true);
    const others = Array.from({ length: 30_000 }, () => randomUUID());
    expect(others.some((sessionId) => list.isRevoked(token({ sessionId })))).toBe(false);
  });

  it('keeps the entries of two issuers apart, even with the same names', () => {
    const list = new DenyList(clock().options);
    list.apply({
      ...revocation({ kind: 'session', sessionId: 's1' }),
      issuer: 'https://other.test',
    });
    expect(list.isRevoked(token())).toBe(false);
    expect(list.isRevoked(token({ issuer: 'https://other.test' }))).toBe(true);
  });

  it('is loaded only between markLoaded and markUnloaded', () => {
    const list = new DenyList();
    expect(list.loaded).toBe(false);
    list.markLoaded();
    expect(list.loaded).toBe(true);
    list.markUnloaded();
    expect(list.loaded).toBe(false);
  });

  it('refuses exactly what a list that never forgets refuses, in any order', () => {
    fc.assert(
      fc.property(fc.array(anyTarget, { maxLength: 8 }), anyIdentity, (targets, probe) => {
        const list = new DenyList(clock().options);
        for (const one of targets) list.apply(revocation(one));
        expect(list.isRevoked(probe)).toBe(targets.some((one) => matches(one, probe)));
      }),
    );
  });

  it('holds every live entry and no long-expired one, however time passes', () => {
    const step = fc.oneof(
      fc.record({ apply: anyTarget, lifetime: fc.integer({ min: -60, max: 200 }) }),
      fc.record({ pass: fc.integer({ min: 0, max: 120 }) }),
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), anyIdentity, (steps, probe) => {
        const time = clock();
        const list = new DenyList(time.options);
        const applied: { target: Target; until: number }[] = [];
        for (const one of steps) {
          if ('apply' in one) {
            const expiresAt = time.now() / 1000 + one.lifetime;
            list.apply(revocation(one.apply, expiresAt));
            applied.push({ target: one.apply, until: expiresAt + 5 });
          } else time.pass(one.pass);
          list.applyWatermark(watermark(time.now()));
          const now = time.now() / 1000;
          const hit = applied.some((one) => one.until > now && matches(one.target, probe));
          if (hit) expect(list.isRevoked(probe)).toBe(true);
        }
        // Entries of one name share the latest expiry.
        sweep(list, time.now());
        const now = time.now() / 1000;
        const named = applied.filter((one) => matches(one.target, { ...probe, issuedAt: 0 }));
        if (named.every((one) => one.until <= now)) expect(list.isRevoked(probe)).toBe(false);
      }),
    );
  });
});

/** Number of watermarks that drop every expired entry. */
const STEPS = 64;
function sweep(list: DenyList, now: number): void {
  for (let step = 0; step < STEPS; step++) list.applyWatermark(watermark(now + step));
}

const names = fc.constantFrom('a', 'b', 'c', '__proto__', 'constructor');
const times = fc.integer({ min: START - 50, max: START + 50 });
const anyTarget: fc.Arbitrary<Target> = fc.oneof(
  fc.record({ kind: fc.constant('session' as const), sessionId: names }),
  fc.record({ kind: fc.constant('token' as const), tokenId: names }),
  fc.record({ kind: fc.constant('key' as const), keyId: names }),
  fc.record({ kind: fc.constant('subject' as const), subject: names, before: times }),
  fc.record({ kind: fc.constant('client' as const), clientId: names, before: times }),
);
const anyIdentity = fc.record({
  issuer: fc.constant(ISSUER),
  subject: names,
  clientId: names,
  tokenId: names,
  sessionId: names,
  keyId: names,
  issuedAt: times,
});

function matches(target: Target, probe: TokenIdentity): boolean {
  switch (target.kind) {
    case 'session':
      return target.sessionId === probe.sessionId;
    case 'token':
      return target.tokenId === probe.tokenId;
    case 'key':
      return target.keyId === probe.keyId;
    case 'subject':
      return target.subject === probe.subject && probe.issuedAt < target.before;
    case 'client':
      return target.clientId === probe.clientId && probe.issuedAt < target.before;
  }
}

const watermark = (timeMilliseconds: number) => ({
  issuer: ISSUER,
  timeMilliseconds,
  serials: { from: 1, through: 0 },
  revokedKeys: [],
});

describe('staleness', () => {
  it('is infinite before the first watermark', () => {
    expect(new DenyList().stalenessSeconds(ISSUER)).toBe(Infinity);
  });

  it("is the age of the issuer's last watermark", () => {
    const time = clock();
    const list = new DenyList(time.options);
    list.applyWatermark(watermark(time.now() - 500));
    time.pass(2);
    expect(list.stalenessSeconds(ISSUER)).toBe(2.5);
    expect(list.stalenessSeconds('https://other.test')).toBe(Infinity);
  });

  it('does not decrease with an older watermark', () => {
    const time = clock();
    const list = new DenyList(time.options);
    list.applyWatermark(watermark(time.now()));
    time.pass(3);
    list.applyWatermark(watermark(time.now() - 10_000));
    expect(list.stalenessSeconds(ISSUER)).toBe(3);
  });

  it('grows with the wall clock while the monotonic clock stands still, as on a suspended machine', () => {
    let wall = START * 1000;
    const list = new DenyList({ now: () => wall, monotonicNow: () => 0 });
    list.applyWatermark(watermark(wall));
    wall += 30_000;
    expect(list.stalenessSeconds(ISSUER)).toBe(30);
  });

  it('grows with the monotonic clock when the wall clock is set back', () => {
    let wall = START * 1000;
    let monotonic = 0;
    const list = new DenyList({ now: () => wall, monotonicNow: () => monotonic });
    list.applyWatermark(watermark(wall));
    wall -= 3_600_000;
    monotonic += 30_000;
    expect(list.stalenessSeconds(ISSUER)).toBe(30);
  });
});
