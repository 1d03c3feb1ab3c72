import { textOf } from '../pages/statement-fixture.js';
import { revokeFindings } from './revoke-findings.js';
import { REVOKE_FIXTURE, revoked } from './revoke-fixture.js';
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
  it('says when the last of the most clients was refused', () => {
    expect(found(revoked('jwt', 13.2), revoked('session-redis', 4.1))).toContain(
      'The last refusal of 100 clients on one credential, after its log-out was sent: ' +
        '115 ms with “JWT, Latchkey” and 91.3 ms with “session cookie, Redis”.',
    );
  });

  it('says that nobody was refused, and why where that is known', () => {
    const text = found(revoked('passport-jwt', undefined));
    expect(text).toContain('not all within 10 s with “JWT, passport-jwt”');
    expect(text).toContain(
      'none of 2,000 clients was refused within the 10 s that were watched: it knows no log-out',
    );
    expect(text).not.toContain('When clients are refused');
  });

  it('says how many were never refused, and gives no reason that it does not know', () => {
    const text = found(withPoint({ neverRefused: 3 }));
    expect(text).toContain('With “JWT, Latchkey”, 3 of 50 clients were never refused');
    expect(text).toContain('not all within 10 s with “JWT, Latchkey”');
    expect(text).not.toContain('knows no log-out');
  });

  it('says so where all were refused before the answer had come', () => {
    const sinceAnswered = { p50: -4, p99: -1, max: -0.4, samples: 50 };
    expect(found(withPoint({ sinceAnswered }))).toContain(
      'all of them before the log-out’s answer had come',
    );
  });

  it('tells which accepted a call that began after the answer', () => {
    const none = { p50: 0, p99: 0, max: 0, samples: 5 };
    expect(found(withPoint({ exposure: none }))).toContain(
      'No call that began after the log-out’s answer was accepted with “JWT, Latchkey”.',
    );
    expect(found(withPoint({ exposure: { ...none, max: 4.4 } }))).toContain(
      'still accepted: the last one 4.4 ms after it with “JWT, Latchkey”.',
    );
    expect(found(withPoint({ exposure: { ...none, samples: 0 } }))).not.toContain('began after');
  });

  it('says that no refusal was seen where there is no sample', () => {
    const text = found(withPoint({ sinceSent: undefined, sinceAnswered: undefined }));
    expect(text).toContain('JWT, Latchkey: no refusal was seen.');
    expect(text).not.toMatch(/undefined|NaN/);
  });

  it('names the number of clients of each where they differ', () => {
    expect(found(withPoint({ clients: 7 }), revoked('session-redis', 4))).toMatch(
      /all clients on one credential.*“JWT, Latchkey” \(7 clients\)/,
    );
  });

  it('finds nothing in a run without rounds', () => {
    expect(found()).toBe('Nothing was measured in this run.');
    expect(found(withPoint({ rounds: 0 }))).toBe('Nothing was measured in this run.');
  });
});
