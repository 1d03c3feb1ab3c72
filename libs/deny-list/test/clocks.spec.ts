import type { Revocation } from '@latchkey/contracts';
import fc from 'fast-check';
import { DenyList } from '../src/index.js';

const ISSUER = 'https://issuer.test';
const START = 1_800_000_000_000;
const SECOND = 1_000;
const HOUR = 3_600 * SECOND;

/** True time passes for everybody; each clock is as far from it as it is set. */
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
  it('makes a list no fresher', () => {
    const it = world();
    it.watermark();
    it.pass(3 * SECOND);
    it.watermark(it.issuerNow() + HOUR);
    expect(it.stale).toBe(3);
  });

  it('is not the newest, once the clock of the issuer is right again', () => {
    const it = world();
    seconds(it, 10);
    it.ahead.issuer = HOUR;
    seconds(it, 8);
    expect(it.stale).toBe(8);
    it.ahead.issuer = 0;
    seconds(it, 1);
    expect(it.stale).toBe(0);
  });

  it('counts as new for no longer than the tolerance, whenever it is played', () => {
    const it = world();
    seconds(it, 1);
    const kept = it.issuerNow() + HOUR;
    it.pass(HOUR - 6 * SECOND);
    it.watermark(kept);
    expect(it.stale).toBe(3594);
    // By now it names the present: nothing tells it from a new one but the clock that dated it.
    it.pass(SECOND);
    it.watermark(kept);
    expect(it.stale).toBe(0);
    it.pass(15 * SECOND);
    it.watermark(kept);
    expect(it.stale).toBe(10);
  });

  it('within the tolerance counts, and is followed by what comes next', () => {
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

  it('is complete nevertheless: what it asks for and has not got is missing', () => {
    const { list, issuerNow } = world();
    const ahead = { issuer: ISSUER, timeMilliseconds: issuerNow() + HOUR, revokedKeys: [] };
    expect(list.applyWatermark({ ...ahead, serials: { from: 1, through: 3 } })).toBe(3);
    expect(list.applyWatermark({ ...ahead, serials: { from: 4, through: 3 } })).toBe(0);
    expect(list.appliedThrough(ISSUER)).toBe(3);
    expect(list.stalenessSeconds(ISSUER)).toBe(Infinity);
  });
});

describe('all clocks of one machine leap ahead together, and back', () => {
  it('and the list is fresh with the next watermark, and has forgotten nothing', () => {
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

  it('and what has expired goes all the same, at the latest when the leap is hours old', () => {
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

  it('is not there before the first watermark', () => {
    expect(world().clock).toBeUndefined();
    expect(world().list.clockOffsetSeconds(ISSUER)).toBeUndefined();
  });

  it.each([
    ['are equal', 0, 0, { offsetSeconds: 0, ...AGREE }],
    ['differ by the tolerance', 5, 0, { offsetSeconds: 5, ...AGREE }],
    ['differ by more: this one is behind', 0, -90, behind(90)],
    ['differ by more: the issuer is ahead', 90, 0, behind(90)],
  ])(
    'tells by one watermark of clocks that %s, from the start',
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
  ])('tells by five seconds of clocks that %s, from the start', (_, issuer, verifier, expected) => {
    const it = world();
    Object.assign(it.ahead, { issuer: issuer * SECOND, verifier: verifier * SECOND });
    seconds(it, 4);
    expect(it.clock).toBeUndefined();
    seconds(it, 1);
    expect(it.clock).toEqual(expected);
    expect(it.list.clockOffsetSeconds(ISSUER)).toBe(expected.offsetSeconds);
  });

  it.each([
    ['back', -90, behind(90)],
    ['ahead', 90, ahead(90)],
  ])(
    'knows with the next watermark that this clock was set %s while it ran',
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
  ])('knows that the clock of the issuer was set %s while this one went on', (_, set, expected) => {
    const it = world();
    seconds(it, 10);
    it.ahead.issuer = set * SECOND;
    seconds(it, 15);
    expect(it.clock).toEqual(expected);
    it.ahead.issuer = 0;
    seconds(it, 11);
    expect(it.clock).toEqual({ offsetSeconds: 0, ...AGREE });
  });

  it.each([-90, 90])('is good again with the first watermark after a clock %d s off', (off) => {
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

  it.each([-90, 90])('holds for a clock %d s off, while no watermark comes', (off) => {
    const it = world();
    it.ahead.verifier = off * SECOND;
    seconds(it, 6);
    it.pass(HOUR);
    expect(it.clock).toEqual(off < 0 ? behind(90) : ahead(90));
  });
});

/** To a verifier a late watermark looks as if its own clock were ahead. */
describe('watermarks that come late to a clock that is right', () => {
  const AGREES = { behind: false, ahead: false, ownFault: false };

  it('prove nothing where one lies on the stream and is read again and again', () => {
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

  it('prove nothing where many were queued', () => {
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
  ])('are not late where a backlog %s: they say when they were signed', (_, from, each) => {
    const it = world();
    for (let second = 0; second < 120; second++) {
      const backlog = (from + each * second) * SECOND;
      it.watermark(it.issuerNow() - backlog, it.issuerNow());
      expect(it.clock).toEqual({ offsetSeconds: 0, ...AGREES });
      expect(it.stale).toBeCloseTo(backlog / SECOND);
      it.pass(SECOND);
    }
  });

  it('prove nothing where an issuer that does not say when it signed works off a backlog', () => {
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
    'are no clock that is ahead, with a tolerance of %d s',
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

  it('change nothing of what is known, after a lost connection and while the issuer is slow', () => {
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

  it("are nobody's fault here where they come late by the same for long", () => {
    const it = world();
    seconds(it, 10);
    for (let second = 0; second < 30; second++) {
      it.pass(SECOND);
      it.watermark(it.issuerNow() - 30 * SECOND);
    }
    expect(it.clock).toEqual({ offsetSeconds: -30, behind: false, ahead: true, ownFault: false });
  });
});

describe('staleness, whatever becomes of the clocks', () => {
  const step = fc.record({
    pass: fc.nat({ max: 20_000 }),
    issuer: fc.constantFrom(-HOUR, -7_000, -3_000, 0, 0, 0, 3_000, 7_000, HOUR),
    verifier: fc.constantFrom(-HOUR, -7_000, -3_000, 0, 0, 0, 3_000, 7_000, HOUR),
    // Which of all that were ever signed comes now: a broker may play any of them.
    plays: fc.option(fc.nat()),
  });

  it('is never below the true age by more than the clocks were wrong', () => {
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
        // One honest watermark by right clocks ends whatever was.
        Object.assign(it.ahead, { issuer: 0, verifier: 0 });
        seconds(it, 1);
        expect(it.stale).toBe(0);
      }),
      { numRuns: 2_000 },
    );
  });
});
