import { quickRun } from '../quick-run.js';
import type { RevokeFindings } from './revoke-table.js';

/** What holds however slow the machine is. */
describe('npm run lab -- revoke --quick', () => {
  let findings: RevokeFindings & { readonly held: boolean };
  let printed: string;
  beforeAll(() => {
    ({ report: findings, printed } = quickRun<typeof findings>('revoke'));
  });

  const pointsOf = (id: string) => findings.architectures.find((each) => each.id === id)!.points;

  it.each(['jwt', 'session-redis'])('sees each client of %s refused', (id) => {
    const points = pointsOf(id);
    expect(points.map(({ clients, rounds }) => [clients, rounds])).toEqual([
      [1, 2],
      [10, 2],
    ]);
    for (const { clients, rounds, sinceSent, sinceAnswered, neverRefused, logOut } of points) {
      expect(neverRefused).toBe(0);
      expect(sinceSent?.samples).toBe(clients * rounds);
      expect(logOut.samples).toBe(rounds);
      // No answer refuses a session that nobody has asked to end.
      expect(sinceSent!.p50).toBeGreaterThan(0);
      expect(sinceAnswered!.max).toBeLessThan(sinceSent!.max);
    }
  });

  it('finds no session with a cookie accepted by a call that began after the answer', () => {
    for (const { exposure } of pointsOf('session-redis')) expect(exposure.max).toBe(0);
  });

  it('sees no client of passport-jwt refused as long as it looks', () => {
    for (const { clients, rounds, neverRefused, sinceSent, exposure } of pointsOf('passport-jwt')) {
      expect(neverRefused).toBe(clients * rounds);
      expect(sinceSent).toBeUndefined();
      expect(exposure.max).toBeGreaterThan(findings.watchedMilliseconds / 2);
    }
  });

  it('holds, and prints how often a client looks', () => {
    expect(findings.held ? 'held' : printed).toBe('held');
    expect(findings.unexpected).toEqual({});
    expect(printed).toContain('1 client, which calls every 10 ms');
    expect(printed).toContain('10 clients, each of which calls every 100 ms');
  });
});
