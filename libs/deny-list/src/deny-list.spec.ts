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

  it('keeps apart a session, a token and a subject of one name', () => {
    const list = new DenyList(clock().options);
    list.apply(revocation({ kind: 'session', sessionId: 'same' }));
    expect(list.isRevoked(token({ tokenId: 'same', subject: 'same', clientId: 'same' }))).toBe(
      false,
    );
  });

  it('spares a token issued in the second that a subject is revoked before', () => {
    const list = new DenyList(clock().options);
    list.apply(revocation({ kind: 'subject', subject: 'ada', before: START }));
    expect(list.isRevoked(token({ issuedAt: START - 1 }))).toBe(true);
    expect(list.isRevoked(token({ issuedAt: START }))).toBe(false);
  });

  it('keeps the later time when two revocations of one subject arrive in the wrong order', () => {
    const list = new DenyList(clock().options);
    list.apply(revocation({ kind: 'subject', subject: 'ada', before: START }));
    list.apply(revocation({ kind: 'subject', subject: 'ada', before: START - 100 }));
    expect(list.isRevoked(token({ issuedAt: START - 1 }))).toBe(true);
  });

  it('keeps an entry until its token has expired and the tolerance is over, then drops it', () => {
    const time = clock();
    const list = new DenyList(time.options);
    list.apply(revocation({ kind: 'session', sessionId: 's1' }, START + 60));
    time.pass(64);
    list.applyWatermark(watermark(time.now()));
    expect(list.isRevoked(token())).toBe(true);
    time.pass(40);
    list.applyWatermark(watermark(time.now()));
    expect(list.size).toBe(0);
  });

  it('does not shorten an entry that arrives again with an earlier end', () => {
    const time = clock();
    const list = new DenyList(time.options);
    list.apply(revocation({ kind: 'session', sessionId: 's1' }, START + 600));
    list.apply(revocation({ kind: 'session', sessionId: 's1' }, START + 10));
    time.pass(500);
    list.applyWatermark(watermark(time.now()));
    expect(list.isRevoked(token())).toBe(true);
  });

  it('does not take in what has expired already', () => {
    const list = new DenyList(clock().options);
    list.apply(revocation({ kind: 'session', sessionId: 's1' }, START - 60));
    expect(list.size).toBe(0);
  });

  it('is not loaded until it is said to be', () => {
    const list = new DenyList();
    expect(list.loaded).toBe(false);
    list.markLoaded();
    expect(list.loaded).toBe(true);
  });

  it('refuses exactly what a list that never forgets would refuse, in any order', () => {
    const names = fc.constantFrom('a', 'b', 'c', '__proto__', 'constructor');
    const times = fc.integer({ min: START - 50, max: START + 50 });
    const target = fc.oneof(
      fc.record({ kind: fc.constant('session' as const), sessionId: names }),
      fc.record({ kind: fc.constant('token' as const), tokenId: names }),
      fc.record({ kind: fc.constant('key' as const), keyId: names }),
      fc.record({ kind: fc.constant('subject' as const), subject: names, before: times }),
      fc.record({ kind: fc.constant('client' as const), clientId: names, before: times }),
    );
    const identity = fc.record({
      issuer: fc.constant(ISSUER),
      subject: names,
      clientId: names,
      tokenId: names,
      sessionId: names,
      keyId: names,
      issuedAt: times,
    });
    fc.assert(
      fc.property(fc.array(target, { maxLength: 8 }), identity, (targets, probe) => {
        const list = new DenyList(clock().options);
        for (const one of targets) list.apply(revocation(one));
        expect(list.isRevoked(probe)).toBe(targets.some((one) => matches(one, probe)));
      }),
    );
  });
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
  position: 1,
  epoch: randomUUID(),
});

describe('staleness', () => {
  it('is infinite before the first watermark', () => {
    expect(new DenyList().stalenessSeconds(ISSUER)).toBe(Infinity);
  });

  it('is the age of the last watermark of that issuer', () => {
    const time = clock();
    const list = new DenyList(time.options);
    list.applyWatermark(watermark(time.now() - 500));
    time.pass(2);
    expect(list.stalenessSeconds(ISSUER)).toBe(2.5);
    expect(list.stalenessSeconds('https://other.test')).toBe(Infinity);
  });

  it('does not shrink with an older watermark', () => {
    const time = clock();
    const list = new DenyList(time.options);
    list.applyWatermark(watermark(time.now()));
    time.pass(3);
    list.applyWatermark(watermark(time.now() - 10_000));
    expect(list.stalenessSeconds(ISSUER)).toBe(3);
  });

  it('grows with the wall clock while the monotonic clock stood still (a suspended machine)', () => {
    let wall = START * 1000;
    const list = new DenyList({ now: () => wall, monotonicNow: () => 0 });
    list.applyWatermark(watermark(wall));
    wall += 30_000;
    expect(list.stalenessSeconds(ISSUER)).toBe(30);
  });

  it('grows with the monotonic clock while the wall clock was set back', () => {
    let wall = START * 1000;
    let monotonic = 0;
    const list = new DenyList({ now: () => wall, monotonicNow: () => monotonic });
    list.applyWatermark(watermark(wall));
    wall -= 3_600_000;
    monotonic += 30_000;
    expect(list.stalenessSeconds(ISSUER)).toBe(30);
  });
});
