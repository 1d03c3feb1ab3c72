import { HOUR, ISSUER, makeWorld, SECOND, seconds } from './clocks-fixture.js';

describe('the comparison of clocks', () => {
  const AGREE = { behind: false, ahead: false, localClockWrong: false };
  const behind = (offsetSeconds: number, localClockWrong = true) => {
    return { offsetSeconds, behind: true, ahead: false, localClockWrong };
  };
  const ahead = (bySeconds: number, localClockWrong = true) => {
    return { offsetSeconds: -bySeconds, behind: false, ahead: true, localClockWrong };
  };

  it('is unknown before the first watermark', () => {
    expect(makeWorld().clock).toBeUndefined();
    expect(makeWorld().list.clockOffsetSeconds(ISSUER)).toBeUndefined();
  });

  it.each([
    ['are equal', 0, 0, { offsetSeconds: 0, ...AGREE }],
    ['differ by the tolerance', 5, 0, { offsetSeconds: 5, ...AGREE }],
    ['differ by more: this one is behind', 0, -90, behind(90)],
    ['differ by more: the issuer is ahead', 90, 0, behind(90)],
  ])(
    'takes one watermark from the start to judge clocks that %s',
    (_, issuer, verifier, expected) => {
      const world = makeWorld();
      Object.assign(world.ahead, { issuer: issuer * SECOND, verifier: verifier * SECOND });
      world.watermark();
      expect(world.clock).toEqual(expected);
      expect(world.list.clockOffsetSeconds(ISSUER)).toBe(expected.offsetSeconds);
    },
  );

  it.each([
    ['differ by the tolerance', 0, 5, { offsetSeconds: -5, ...AGREE }],
    ['differ by more: this one is ahead', 0, 90, ahead(90)],
    ['differ by more: the issuer is behind', -90, 0, ahead(90)],
  ])(
    'takes five seconds from the start to judge clocks that %s',
    (_, issuer, verifier, expected) => {
      const world = makeWorld();
      Object.assign(world.ahead, { issuer: issuer * SECOND, verifier: verifier * SECOND });
      seconds(world, 4);
      expect(world.clock).toBeUndefined();
      seconds(world, 1);
      expect(world.clock).toEqual(expected);
      expect(world.list.clockOffsetSeconds(ISSUER)).toBe(expected.offsetSeconds);
    },
  );

  it.each([
    ['back', -90, behind(90)],
    ['ahead', 90, ahead(90)],
  ])(
    'notices with the next watermark that this clock was set %s while running',
    (_, set, expected) => {
      const world = makeWorld();
      seconds(world, 10);
      world.ahead.verifier = set * SECOND;
      seconds(world, 1);
      expect(world.clock).toEqual(expected);
      seconds(world, 60);
      expect(world.clock).toEqual(expected);
    },
  );

  it.each([
    ['ahead', 90, behind(90, false)],
    ['back', -90, ahead(90, false)],
  ])("notices that the issuer's clock was set %s while this one ran on", (_, set, expected) => {
    const world = makeWorld();
    seconds(world, 10);
    world.ahead.issuer = set * SECOND;
    seconds(world, 15);
    expect(world.clock).toEqual(expected);
    world.ahead.issuer = 0;
    seconds(world, 11);
    expect(world.clock).toEqual({ offsetSeconds: 0, ...AGREE });
  });

  it.each([-90, 90])('recovers with the first watermark after this clock was %d s off', (off) => {
    const world = makeWorld();
    world.ahead.verifier = off * SECOND;
    seconds(world, 6);
    expect(world.clock).toMatchObject({ localClockWrong: true });
    world.ahead.verifier = 0;
    expect(world.clock).toBeUndefined();
    seconds(world, 1);
    expect(world.clock).toEqual({ offsetSeconds: 0, ...AGREE });
    expect(world.stale).toBe(0);
  });

  it.each([-90, 90])('holds for a clock %d s off while no watermark arrives', (off) => {
    const world = makeWorld();
    world.ahead.verifier = off * SECOND;
    seconds(world, 6);
    world.pass(HOUR);
    expect(world.clock).toEqual(off < 0 ? behind(90) : ahead(90));
  });
});

/** A late watermark looks to a verifier as if its own clock were ahead. */
describe('late watermarks, with a clock that is right', () => {
  const AGREES = { behind: false, ahead: false, localClockWrong: false };

  it('prove nothing if the same one is read from the stream again and again', () => {
    const world = makeWorld();
    const lying = world.issuerNow();
    world.pass(600 * SECOND);
    for (let second = 0; second < 30; second++) {
      world.watermark(lying);
      world.pass(SECOND);
    }
    expect(world.clock).toBeUndefined();
    world.watermark();
    expect(world.clock).toEqual({ offsetSeconds: 0, ...AGREES });
  });

  it('prove nothing if many were queued', () => {
    const world = makeWorld();
    const queued = Array.from({ length: 60 }, (_, second) => world.issuerNow() + second * SECOND);
    world.pass(120 * SECOND);
    for (const each of queued) {
      world.watermark(each);
      world.pass(10);
      expect(world.clock).toBeUndefined();
    }
  });

  it.each([
    ['grows slowly', 10, 0.1],
    ['stays', 10, 0],
    ['shrinks slowly', 30, -0.1],
  ])('are not late while a backlog %s, because they say when they were signed', (_, from, each) => {
    const world = makeWorld();
    for (let second = 0; second < 120; second++) {
      const backlog = (from + each * second) * SECOND;
      world.watermark(world.issuerNow() - backlog, world.issuerNow());
      expect(world.clock).toEqual({ offsetSeconds: 0, ...AGREES });
      expect(world.stale).toBeCloseTo(backlog / SECOND);
      world.pass(SECOND);
    }
  });

  it('prove nothing while an issuer that does not say when it signed works off a backlog', () => {
    const world = makeWorld();
    for (let late = 24 * SECOND; late > SECOND; late -= SECOND / 2) {
      world.watermark(world.issuerNow() - late);
      expect(world.clock).toBeUndefined();
      world.pass(SECOND);
    }
    world.watermark();
    expect(world.clock).toEqual({ offsetSeconds: 0, ...AGREES });
  });

  it.each([0, 0.05, 0.25, 0.9])(
    'do not look like a clock that is ahead, with a tolerance of %d s',
    (tolerance) => {
      const world = makeWorld(tolerance);
      world.watermark(world.issuerNow() - 600);
      expect(world.clock).toEqual({ offsetSeconds: -0.6, ...AGREES });
      for (let second = 0; second < 30; second++) {
        world.pass(SECOND);
        world.watermark(world.issuerNow() - 300);
        expect(world.clock).toMatchObject(AGREES);
      }
      world.ahead.verifier = 5 * SECOND;
      seconds(world, 6);
      expect(world.clock).toMatchObject({ ahead: true, localClockWrong: true });
    },
  );

  it('change no earlier finding, after a lost connection or while the issuer is slow', () => {
    const world = makeWorld();
    seconds(world, 10);
    const last = world.issuerNow();
    world.pass(600 * SECOND);
    expect(world.clock).toEqual({ offsetSeconds: 0, ...AGREES });
    world.watermark(last + SECOND);
    world.pass(SECOND);
    world.watermark(last + 2 * SECOND);
    expect(world.clock).toEqual({ offsetSeconds: 0, ...AGREES });
    for (let late = 0; late < 30 * SECOND; late += SECOND / 2) {
      world.pass(SECOND);
      world.watermark(world.issuerNow() - late);
      expect(world.clock).toMatchObject(AGREES);
      expect(Math.abs(world.clock!.offsetSeconds)).toBeLessThanOrEqual(1);
    }
  });

  it("are not this machine's fault if they are late by the same amount for long", () => {
    const world = makeWorld();
    seconds(world, 10);
    for (let second = 0; second < 30; second++) {
      world.pass(SECOND);
      world.watermark(world.issuerNow() - 30 * SECOND);
    }
    expect(world.clock).toEqual({
      offsetSeconds: -30,
      behind: false,
      ahead: true,
      localClockWrong: false,
    });
  });
});
