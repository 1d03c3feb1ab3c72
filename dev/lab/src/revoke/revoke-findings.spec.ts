import { textOf } from '../../test/statement-fixture.js';
import { revokeFindings } from './revoke-findings.js';
import { REVOKE_FIXTURE, revoked } from '../../test/revoke-fixture.js';
import type { RevokedArchitecture, RevokePoint } from './revoke-report.js';

const found = (...architectures: readonly RevokedArchitecture[]) =>
  textOf(revokeFindings({ ...REVOKE_FIXTURE, architectures }));

const [POINT] = revoked('jwt', 10).points;
const withPoint = (change: Partial<RevokePoint>): RevokedArchitecture => ({
  id: 'jwt',
  label: 'JWT, Latchkey',
  points: [{ ...POINT!, clients: 10, rounds: 5, ...change }],
});

describe('revokeFindings', () => {
  it('says when the last of the largest number of clients was refused', () => {
    expect(found(revoked('jwt', 13.2), revoked('session-redis', 4.1))).toContain(
      'The last refusal of 100 clients with one credential, after its log-out was sent: ' +
        '115 ms with “JWT, Latchkey” and 91.3 ms with “session cookie, Redis”.',
    );
  });

  it('says that no client was refused, and why if that is known', () => {
    const text = found(revoked('passport-jwt', undefined));
    expect(text).toContain('not all within 10 s with “JWT, passport-jwt”');
    expect(text).toContain(
      'none of 2,000 clients was refused within the 10 s that were watched: it does not support log-out',
    );
    expect(text).not.toContain('Time until clients are refused');
  });

  it('says how many clients were never refused, without inventing a reason', () => {
    const text = found(withPoint({ neverRefused: 3 }));
    expect(text).toContain('With “JWT, Latchkey”, 3 of 50 clients were never refused');
    expect(text).toContain('not all within 10 s with “JWT, Latchkey”');
    expect(text).not.toContain('does not support log-out');
  });

  it('says so when all clients were refused before the response', () => {
    const sinceAnswered = { p50: -4, p99: -1, max: -0.4, samples: 50 };
    expect(found(withPoint({ sinceAnswered }))).toContain(
      'all of them before the response to the log-out',
    );
  });

  it('names the architectures that accepted calls after the response', () => {
    const none = { p50: 0, p99: 0, max: 0, samples: 5 };
    expect(found(withPoint({ exposure: none }))).toContain(
      'No call that began after the response to the log-out was accepted with “JWT, Latchkey”.',
    );
    expect(found(withPoint({ exposure: { ...none, max: 4.4 } }))).toContain(
      'The last accepted call after the response to the log-out began 4.4 ms after it with “JWT, Latchkey”.',
    );
    expect(found(withPoint({ exposure: { ...none, samples: 0 } }))).not.toContain('accepted');
  });

  it('says that no refusal was seen when there are no samples', () => {
    const text = found(withPoint({ sinceSent: undefined, sinceAnswered: undefined }));
    expect(text).toContain('JWT, Latchkey: no refusal was seen.');
    expect(text).not.toMatch(/undefined|NaN/);
  });

  it('states the number of clients of each architecture if they differ', () => {
    expect(found(withPoint({ clients: 7 }), revoked('session-redis', 4))).toMatch(
      /all clients with one credential.*“JWT, Latchkey” \(7 clients\)/,
    );
  });

  it('has no findings without rounds', () => {
    expect(found()).toBe('Nothing was measured in this run.');
    expect(found(withPoint({ rounds: 0 }))).toBe('Nothing was measured in this run.');
  });
});
