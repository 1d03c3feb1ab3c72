import type { Revocation } from '@latchkey/contracts';
import fc from 'fast-check';
import { DenyList } from '../src/index.js';

const ISSUER = 'https://issuer.test';
const START = 1_800_000_000_000;
const SECOND = 1_000;
const HOUR = 3_600 * SECOND;

/** One true time, and two clocks that are each off by a given amount. */
function world(clockToleranceSeconds = 5) {
  let passed = 0;
  const ahead = { issuer: 0, verifier: 0 };
  const list = new DenyList({
    clockToleranceSeconds,
    now: () => START + passed + ahead.verifier,
    monotonicNow: () => passed,
  });
  const issuerNow = () => START + passed + ahead.issuer;
  return {
    list,
    ahead,
    issuerNow,
    pass: (milliseconds: number) => (passed += milliseconds),
    watermark: (timeMilliseconds = issuerNow(), signedAtMilliseconds = timeMilliseconds) =>
      list.applyWatermark({
        issuer: ISSUER,
        timeMilliseconds,
        issuedAt: Math.floor(signedAtMilliseconds / 1000),
        serials: { from: 1, through: 0 },
        revokedKeys: [],
      }),
    get stale() {
      return list.stalenessSeconds(ISSUER);
    },
    get clock() {
      return list.clock(ISSUER);
    },
  };
}

type World = ReturnType<typeof world>;

function seconds({ pass, watermark }: World, count: number): void {
  for (let second = 0; second < count; second++) {
    pass(SECOND);
    watermark();
  }
}

const session = (id: string, expiresAt: number): Revocation => ({
  id: '00000000-0000-7000-8000-000000000001',
  issuer: ISSUER,
  kind: 'session',
  sessionId: id,
  revokedAt: START / 1000,
  expiresAt,
  trigger: 'logout',
});
const token = (sessionId: string) => ({
  issuer: ISSUER,
  subject: 'ada',
  sessionId,
  issuedAt: START / 1000 - 10,
  keyId: 'k1',
});

describe('a watermark from the future', () => {
  it('does not make the list fresher', () => {
    const it = world();
    it.watermark();
    it.pass(3 * SECOND);
    it.watermark(it.issuerNow() + HOUR);
    expect(it.stale).toBe(3);
  });

  it("is not the newest once the issuer's clock is right again", () => {
    const it = world();
    seconds(it, 10);
    it.ahead.issuer = HOUR;
    seconds(it, 8);
    expect(it.stale).toBe(8);
    it.ahead.issuer = 0;
    seconds(it, 1);
    expect(it.stale).toBe(0);
  });

  it('counts as new for at most the tolerance, whenever it is replayed', () => {
    const it = world();
    seconds(it, 1);
    const kept = it.issuerNow() + HOUR;
    it.pass(HOUR - 6 * SECOND);
    it.watermark(kept);
    expect(it.stale).toBe(3594);
    // It now names the present, so only the clock that dated it could tell it from a new one.
    it.pass(SECOND);
    it.watermark(kept);
    expect(it.stale).toBe(0);
    it.pass(15 * SECOND);
    it.watermark(kept);
    expect(it.stale).toBe(10);
  });

  it('counts if it is within the tolerance, and later ones follow it', () => {
    const it = world();
    it.ahead.issuer = 4 * SECOND;
    seconds(it, 5);
    expect(it.stale).toBe(0);
    it.ahead.issuer = 0;
    it.pass(SECOND);
    expect(it.stale).toBe(1);
    it.watermark();
    expect(it.stale).toBe(0);
  });

  it('still counts for completeness: the numbers that it requires can be missing', () => {
    const { list, issuerNow } = world();
    const ahead = { issuer: ISSUER, timeMilliseconds: issuerNow() + HOUR, revokedKeys: [] };
    expect(list.applyWatermark({ ...ahead, serials: { from: 1, through: 3 } })).toBe(3);
    expect(list.applyWatermark({ ...ahead, serials: { from: 4, through: 3 } })).toBe(0);
    expect(list.appliedThrough(ISSUER)).toBe(3);
    expect(list.stalenessSeconds(ISSUER)).toBe(Infinity);
  });
});

describe('when all clocks leap ahead together and back', () => {
  it('the list is fresh with the next watermark and has forgotten nothing', () => {
    const it = world();
    it.list.apply(session('s1', START / 1000 + 360));
    seconds(it, 10);
    Object.assign(it.ahead, { issuer: HOUR, verifier: HOUR });
    it.list.apply(session('s2', START / 1000 + 360));
    seconds(it, 8);
    expect(it.stale).toBe(0);
    Object.assign(it.ahead, { issuer: 0, verifier: 0 });
    seconds(it, 1);
    expect(it.stale).toBe(0);
    seconds(it, 64);
    expect(it.list.isRevoked(token('s1'))).toBe(true);
    expect(it.list.isRevoked(token('s2'))).toBe(true);
  });

  it('expired entries are dropped at the latest a few hours after the leap', () => {
    const it = world();
    seconds(it, 2);
    Object.assign(it.ahead, { issuer: HOUR, verifier: HOUR });
    it.list.apply(session('s1', (START + HOUR) / 1000 + 360));
    seconds(it, 3 * 3_600);
    expect(it.list.size).toBe(0);
  });
});

describe('the comparison of clocks', () => {
  const AGREE = { behind: false, ahead: false, ownFault: false };
  const behind = (offsetSeconds: number, ownFault = true) => {
    return { offsetSeconds, behind: true, ahead: false, ownFault };
  };
  const ahead = (bySeconds: number, ownFault = true) => {
    return { offsetSeconds: -bySeconds, behind: false, ahead: true, ownFault };
  };

  it('is unknown before the first watermark', () => {
    expect(world().clock).toBeUndefined();
    expect(world().list.clockOffsetSeconds(ISSUER)).toBeUndefined();
  });

  it.each([
    ['are equal', 0, 0, { offsetSeconds: 0, ...AGREE }],
    ['differ by the tolerance', 5, 0, { offsetSeconds: 5, ...AGREE }],
    ['differ by more: this one is behind', 0, -90, behind(90)],
    ['differ by more: the issuer is ahead', 90, 0, behind(90)],
  ])(
    'takes one watermark from the start to judge clocks that %s',
    (_, issuer, verifier, expected) => {
      const it = world();
      Object.assign(it.ahead, { issuer: issuer * SECOND, verifier: verifier * SECOND });
      it.watermark();
      expect(it.clock).toEqual(expected);
      expect(it.list.clockOffsetSeconds(ISSUER)).toBe(expected.offsetSeconds);
    },
  );

  it.each([
    ['differ by the tolerance', 0, 5, { offsetSeconds: -5, ...AGREE }],
    ['differ by more: this one is ahead', 0, 90, ahead(90)],
    ['differ by more: the issuer is behind', -90, 0, ahead(90)],
  ])(
    'takes five seconds from the start to judge clocks that %s',
    (_, issuer, verifier, expected) => {
      const it = world();
      Object.assign(it.ahead, { issuer: issuer * SECOND, verifier: verifier * SECOND });
      seconds(it, 4);
      expect(it.clock).toBeUndefined();
      seconds(it, 1);
      expect(it.clock).toEqual(expected);
      expect(it.list.clockOffsetSeconds(ISSUER)).toBe(expected.offsetSeconds);
    },
  );

  it.each([
    ['back', -90, behind(90)],
    ['ahead', 90, ahead(90)],
  ])(
    'notices with the next watermark that this clock was set %s while running',
    (_, set, expected) => {
      const it = world();
      seconds(it, 10);
      it.ahead.verifier = set * SECOND;
      seconds(it, 1);
      expect(it.clock).toEqual(expected);
      seconds(it, 60);
      expect(it.clock).toEqual(expected);
    },
  );

  it.each([
    ['ahead', 90, behind(90, false)],
    ['back', -90, ahead(90, false)],
  ])("notices that the issuer's clock was set %s while this one ran on", (_, set, expected) => {
    const it = world();
    seconds(it, 10);
    it.ahead.issuer = set * SECOND;
    seconds(it, 15);
    expect(it.clock).toEqual(expected);
    it.ahead.issuer = 0;
    seconds(it, 11);
    expect(it.clock).toEqual({ offsetSeconds: 0, ...AGREE });
  });

  it.each([-90, 90])('recovers with the first watermark after this clock was %d s off', (off) => {
    const it = world();
    it.ahead.verifier = off * SECOND;
    seconds(it, 6);
    expect(it.clock).toMatchObject({ ownFault: true });
    it.ahead.verifier = 0;
    expect(it.clock).toBeUndefined();
    seconds(it, 1);
    expect(it.clock).toEqual({ offsetSeconds: 0, ...AGREE });
    expect(it.stale).toBe(0);
  });

  it.each([-90, 90])('holds for a clock %d s off while no watermark arrives', (off) => {
    const it = world();
    it.ahead.verifier = off * SECOND;
    seconds(it, 6);
    it.pass(HOUR);
    expect(it.clock).toEqual(off < 0 ? behind(90) : ahead(90));
  });
});

/** A late watermark looks to a verifier as if its own clock were ahead. */
describe('late watermarks, with a clock that is right', () => {
  const AGREES = { behind: false, ahead: false, ownFault: false };

  it('prove nothing if the same one is read from the stream again and again', () => {
    const it = world();
    const lying = it.issuerNow();
    it.pass(600 * SECOND);
    for (let second = 0; second < 30; second++) {
      it.watermark(lying);
      it.pass(SECOND);
    }
    expect(it.clock).toBeUndefined();
    it.watermark();
    expect(it.clock).toEqual({ offsetSeconds: 0, ...AGREES });
  });

  it('prove nothing if many were queued', () => {
    const it = world();
    const queued = Array.from({ length: 60 }, (_, second) => it.issuerNow() + second * SECOND);
    it.pass(120 * SECOND);
    for (const each of queued) {
      it.watermark(each);
      it.pass(10);
      expect(it.clock).toBeUndefined();
    }
  });

  it.each([
    ['grows slowly', 10, 0.1],
    ['stays', 10, 0],
    ['shrinks slowly', 30, -0.1],
  ])('are not late while a backlog %s, because they say when they were signed', (_, from, each) => {
    const it = world();
    for (let second = 0; second < 120; second++) {
      const backlog = (from + each * second) * SECOND;
      it.watermark(it.issuerNow() - backlog, it.issuerNow());
      expect(it.clock).toEqual({ offsetSeconds: 0, ...AGREES });
      expect(it.stale).toBeCloseTo(backlog / SECOND);
      it.pass(SECOND);
    }
  });

  it('prove nothing while an issuer that does not say when it signed works off a backlog', () => {
    const it = world();
    for (let late = 24 * SECOND; late > SECOND; late -= SECOND / 2) {
      it.watermark(it.issuerNow() - late);
      expect(it.clock).toBeUndefined();
      it.pass(SECOND);
    }
    it.watermark();
    expect(it.clock).toEqual({ offsetSeconds: 0, ...AGREES });
  });

  it.each([0, 0.05, 0.25, 0.9])(
    'do not look like a clock that is ahead, with a tolerance of %d s',
    (tolerance) => {
      const it = world(tolerance);
      it.watermark(it.issuerNow() - 600);
      expect(it.clock).toEqual({ offsetSeconds: -0.6, ...AGREES });
      for (let second = 0; second < 30; second++) {
        it.pass(SECOND);
        it.watermark(it.issuerNow() - 300);
        expect(it.clock).toMatchObject(AGREES);
      }
      it.ahead.verifier = 5 * SECOND;
      seconds(it, 6);
      expect(it.clock).toMatchObject({ ahead: true, ownFault: true });
    },
  );

  it('change no earlier finding, after a lost connection or while the issuer is slow', () => {
    const it = world();
    seconds(it, 10);
    const last = it.issuerNow();
    it.pass(600 * SECOND);
    expect(it.clock).toEqual({ offsetSeconds: 0, ...AGREES });
    it.watermark(last + SECOND);
    it.pass(SECOND);
    it.watermark(last + 2 * SECOND);
    expect(it.clock).toEqual({ offsetSeconds: 0, ...AGREES });
    for (let late = 0; late < 30 * SECOND; late += SECOND / 2) {
      it.pass(SECOND);
      it.watermark(it.issuerNow() - late);
      expect(it.clock).toMatchObject(AGREES);
      expect(Math.abs(it.clock!.offsetSeconds)).toBeLessThanOrEqual(1);
    }
  });

  it("are not this machine's fault if they are late by the same amount for long", () => {
    const it = world();
    seconds(it, 10);
    for (let second = 0; second < 30; second++) {
      it.pass(SECOND);
      it.watermark(it.issuerNow() - 30 * SECOND);
    }
    expect(it.clock).toEqual({ offsetSeconds: -30, behind: false, ahead: true, ownFault: false });
  });
});

describe('staleness, whatever the clocks do', () => {
  const step = fc.record({
    pass: fc.nat({ max: 20_000 }),
    issuer: fc.constantFrom(-HOUR, -7_000, -3_000, 0, 0, 0, 3_000, 7_000, HOUR),
    verifier: fc.constantFrom(-HOUR, -7_000, -3_000, 0, 0, 0, 3_000, 7_000, HOUR),
    // The watermark that arrives now: a broker may replay any that was ever signed.
    plays: fc.option(fc.nat()),
  });

  it('is below the true age by at most the error of the clocks', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
        const it = world();
        const signed: { time: number; at: number }[] = [];
        let now = 0;
        let knownAt = -Infinity;
        let ahead = 0;
        let behind = 0;
        for (const { pass, issuer, verifier, plays } of steps) {
          it.pass(pass);
          now += pass;
          Object.assign(it.ahead, { issuer, verifier });
          ahead = Math.max(ahead, issuer);
          behind = Math.max(behind, -verifier);
          signed.push({ time: it.issuerNow(), at: now });
          const played = signed[plays === null ? signed.length - 1 : plays % signed.length]!;
          it.watermark(played.time);
          knownAt = Math.max(knownAt, played.at);
          expect(it.stale).toBeGreaterThanOrEqual((now - knownAt - ahead - behind) / 1000);
        }
        // One honest watermark with right clocks restores freshness.
        Object.assign(it.ahead, { issuer: 0, verifier: 0 });
        seconds(it, 1);
        expect(it.stale).toBe(0);
      }),
      { numRuns: 2_000 },
    );
  });
});
