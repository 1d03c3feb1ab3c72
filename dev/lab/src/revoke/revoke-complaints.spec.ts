import type { RevokePoint } from './revoke-report.js';
import { complaintsOf } from './revoke-complaints.js';

const nothing = { p50: 0, p99: 0, max: 0, samples: 20 };

function findings(id: 'jwt' | 'passport-jwt', neverRefused: number, unexpected = {}) {
  const point: RevokePoint = {
    clients: 10,
    rounds: 2,
    sinceSent: nothing,
    sinceAnswered: nothing,
    exposure: nothing,
    logOut: nothing,
    neverRefused,
  };
  const architectures = [{ id, label: 'Some guard', points: [point] }];
  return { architectures, watchedMilliseconds: 3_000, unexpected };
}

describe('complaintsOf', () => {
  it('finds nothing when every client was refused', () => {
    expect(complaintsOf(findings('jwt', 0))).toEqual([]);
  });

  it('finds an architecture that accepted clients for too long', () => {
    expect(complaintsOf(findings('jwt', 3))).toEqual([
      "Some guard: 3 of 20 clients (10 at a time) saw no refusal within 3 s of the log-out's answer",
    ]);
  });

  it('expects no refusals without support for log-out', () => {
    expect(complaintsOf(findings('passport-jwt', 20))).toEqual([]);
  });

  it('finds unexpected responses', () => {
    expect(complaintsOf(findings('jwt', 0, { jwt: { '503': 2 } }))).toEqual([
      'jwt: 2 calls were neither accepted nor refused, but: 503',
    ]);
  });
});
