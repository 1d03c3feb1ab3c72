import { quickRun } from './quick-run.js';
import type { RevokeReport } from '../src/revoke/revoke-report.js';

/** Checks what holds on machines of any speed. */
describe('npm run lab -- revoke --quick', () => {
  let report: RevokeReport & { readonly held: boolean };
  let printed: string;
  beforeAll(() => {
    ({ report, printed } = quickRun<typeof report>('revoke'));
  });

  const pointsOf = (id: string) => report.architectures.find((each) => each.id === id)!.points;

  it.each(['jwt', 'session-redis'])('sees every client of %s refused', (id) => {
    const points = pointsOf(id);
    expect(points.map(({ clients, rounds }) => [clients, rounds])).toEqual([
      [1, 2],
      [10, 2],
    ]);
    for (const { clients, rounds, sinceSent, sinceAnswered, neverRefused, logOut } of points) {
      expect(neverRefused).toBe(0);
      expect(sinceSent?.samples).toBe(clients * rounds);
      expect(logOut.samples).toBe(rounds);
      // A session cannot be refused before its log-out is sent.
      expect(sinceSent!.p50).toBeGreaterThan(0);
      expect(sinceAnswered!.max).toBeLessThan(sinceSent!.max);
    }
  });

  it('finds no cookie session accepted after the answer to its log-out', () => {
    for (const { exposure } of pointsOf('session-redis')) expect(exposure.max).toBe(0);
  });

  it('sees no client of passport-jwt refused while it watches', () => {
    for (const { clients, rounds, neverRefused, sinceSent, exposure } of pointsOf('passport-jwt')) {
      expect(neverRefused).toBe(clients * rounds);
      expect(sinceSent).toBeUndefined();
      expect(exposure.max).toBeGreaterThan(report.watchedMilliseconds / 2);
    }
  });

  it('holds, and prints how often a client calls', () => {
    expect(report.held ? 'held' : printed).toBe('held');
    expect(report.unexpected).toEqual({});
    expect(printed).toContain('1 client, which calls every 10 ms');
    expect(printed).toContain('10 clients, each of which calls every 100 ms');
  });
});
