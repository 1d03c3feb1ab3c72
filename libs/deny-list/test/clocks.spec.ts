import type { Revocation } from '@latchkey/contracts';
import fc from 'fast-check';
import { HOUR, ISSUER, makeWorld, SECOND, seconds, START } from './clocks-fixture.js';

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
    const world = makeWorld();
    world.watermark();
    world.pass(3 * SECOND);
    world.watermark(world.issuerNow() + HOUR);
    expect(world.stale).toBe(3);
  });

  it("is not the newest once the issuer's clock is right again", () => {
    const world = makeWorld();
    seconds(world, 10);
    world.ahead.issuer = HOUR;
    seconds(world, 8);
    expect(world.stale).toBe(8);
    world.ahead.issuer = 0;
    seconds(world, 1);
    expect(world.stale).toBe(0);
  });

  it('counts as new for at most the tolerance, whenever it is replayed', () => {
    const world = makeWorld();
    seconds(world, 1);
    const kept = world.issuerNow() + HOUR;
    world.pass(HOUR - 6 * SECOND);
    world.watermark(kept);
    expect(world.stale).toBe(3594);
    // It now names the present, so only the clock that dated it could tell it from a new one.
    world.pass(SECOND);
    world.watermark(kept);
    expect(world.stale).toBe(0);
    world.pass(15 * SECOND);
    world.watermark(kept);
    expect(world.stale).toBe(10);
  });

  it('counts if it is within the tolerance, and later ones follow it', () => {
    const world = makeWorld();
    world.ahead.issuer = 4 * SECOND;
    seconds(world, 5);
    expect(world.stale).toBe(0);
    world.ahead.issuer = 0;
    world.pass(SECOND);
    expect(world.stale).toBe(1);
    world.watermark();
    expect(world.stale).toBe(0);
  });

  it('still counts for completeness: the numbers that it requires can be missing', () => {
    const { list, issuerNow } = makeWorld();
    const ahead = { issuer: ISSUER, timeMilliseconds: issuerNow() + HOUR, revokedKeys: [] };
    expect(list.applyWatermark({ ...ahead, serials: { from: 1, through: 3 } })).toBe(3);
    expect(list.applyWatermark({ ...ahead, serials: { from: 4, through: 3 } })).toBe(0);
    expect(list.appliedThrough(ISSUER)).toBe(3);
    expect(list.stalenessSeconds(ISSUER)).toBe(Infinity);
  });
});

describe('when all clocks leap ahead together and back', () => {
  it('the list is fresh with the next watermark and has forgotten nothing', () => {
    const world = makeWorld();
    world.list.apply(session('s1', START / 1000 + 360));
    seconds(world, 10);
    Object.assign(world.ahead, { issuer: HOUR, verifier: HOUR });
    world.list.apply(session('s2', START / 1000 + 360));
    seconds(world, 8);
    expect(world.stale).toBe(0);
    Object.assign(world.ahead, { issuer: 0, verifier: 0 });
    seconds(world, 1);
    expect(world.stale).toBe(0);
    seconds(world, 64);
    expect(world.list.isRevoked(token('s1'))).toBe(true);
    expect(world.list.isRevoked(token('s2'))).toBe(true);
  });

  it('expired entries are dropped at the latest a few hours after the leap', () => {
    const world = makeWorld();
    seconds(world, 2);
    Object.assign(world.ahead, { issuer: HOUR, verifier: HOUR });
    world.list.apply(session('s1', (START + HOUR) / 1000 + 360));
    seconds(world, 3 * 3_600);
    expect(world.list.size).toBe(0);
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
        const world = makeWorld();
        const signed: { time: number; at: number }[] = [];
        let now = 0;
        let knownAt = -Infinity;
        let ahead = 0;
        let behind = 0;
        for (const { pass, issuer, verifier, plays } of steps) {
          world.pass(pass);
          now += pass;
          Object.assign(world.ahead, { issuer, verifier });
          ahead = Math.max(ahead, issuer);
          behind = Math.max(behind, -verifier);
          signed.push({ time: world.issuerNow(), at: now });
          const played = signed[plays === null ? signed.length - 1 : plays % signed.length]!;
          world.watermark(played.time);
          knownAt = Math.max(knownAt, played.at);
          expect(world.stale).toBeGreaterThanOrEqual((now - knownAt - ahead - behind) / 1000);
        }
        // One honest watermark with right clocks restores freshness.
        Object.assign(world.ahead, { issuer: 0, verifier: 0 });
        seconds(world, 1);
        expect(world.stale).toBe(0);
      }),
      { numRuns: 2_000 },
    );
  });
});
