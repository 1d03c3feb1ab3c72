import type { ObservedLogOut } from './calls.js';
import { revokePoint } from './revoke-points.js';

const round = (more: Partial<ObservedLogOut> = {}): ObservedLogOut => ({
  clients: 2,
  sentAt: 1_000,
  answeredAt: 1_010,
  calls: [
    { client: 0, beganAt: 990, endedAt: 995, status: 200 },
    { client: 1, beganAt: 1_012, endedAt: 1_014, status: 200 },
    { client: 0, beganAt: 1_001, endedAt: 1_005, status: 401 },
    { client: 1, beganAt: 1_020, endedAt: 1_030, status: 401 },
  ],
  ...more,
});

describe('revokePoint', () => {
  it('covers all clients of all rounds', () => {
    const later = round({ sentAt: 990, answeredAt: 1_020 });
    expect(revokePoint([round(), later])).toEqual({
      clients: 2,
      rounds: 2,
      // 5 and 30, then 15 and 40
      sinceSent: { p50: 15, p99: 40, max: 40, samples: 4 },
      // -5 and 20, then -15 and 10: refusals before the answer are negative
      sinceAnswered: { p50: -5, p99: 20, max: 20, samples: 4 },
      exposure: { p50: 0, p99: 2, max: 2, samples: 2 },
      logOut: { p50: 10, p99: 30, max: 30, samples: 2 },
      neverRefused: 0,
    });
  });

  it('counts clients that were never refused, without times', () => {
    const accepted = round({ calls: round().calls.filter(({ status }) => status === 200) });
    expect(revokePoint([accepted])).toMatchObject({
      sinceSent: undefined,
      sinceAnswered: undefined,
      neverRefused: 2,
    });
    const half = round({ calls: round().calls.slice(0, 3) });
    expect(revokePoint([half])).toMatchObject({ sinceSent: { samples: 1 }, neverRefused: 1 });
  });

  it('needs at least one round', () => {
    expect(() => revokePoint([])).toThrow('there is no round');
  });
});
