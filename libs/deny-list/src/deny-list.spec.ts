import {
  clock,
  ISSUER,
  revocation,
  START,
  sweep,
  token,
  watermark,
  type Target,
} from '../test/deny-list-fixture.js';
import { DenyList } from './index.js';

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

  it('counts the entries of an issuer by kind', () => {
    const list = new DenyList(clock().options);
    const none = { session: 0, token: 0, key: 0, subject: 0, client: 0 };
    expect(list.sizes(ISSUER)).toEqual(none);
    const targets = (count: number, target: (n: number) => Target) => {
      for (let n = 0; n < count; n++) list.apply(revocation(target(n)));
    };
    targets(1, (n) => ({ kind: 'session', sessionId: `s${n}` }));
    targets(2, (n) => ({ kind: 'token', tokenId: `t${n}` }));
    targets(3, (n) => ({ kind: 'key', keyId: `k${n}` }));
    targets(4, (n) => ({ kind: 'subject', subject: `u${n}`, before: START }));
    targets(5, (n) => ({ kind: 'client', clientId: `c${n}`, before: START }));
    expect(list.sizes(ISSUER)).toEqual({ session: 1, token: 2, key: 3, subject: 4, client: 5 });
    expect(list.sizes('https://other.test')).toEqual(none);
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

  it('keeps the entries of two issuers apart, even with the same names', () => {
    const list = new DenyList(clock().options);
    list.apply({
      ...revocation({ kind: 'session', sessionId: 's1' }),
      issuer: 'https://other.test',
    });
    expect(list.isRevoked(token())).toBe(false);
    expect(list.isRevoked(token({ issuer: 'https://other.test' }))).toBe(true);
  });

  it('is loaded from markLoaded on', () => {
    const list = new DenyList();
    expect(list.loaded).toBe(false);
    list.markLoaded();
    expect(list.loaded).toBe(true);
  });
});
