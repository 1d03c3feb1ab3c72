import { streamMaxAgeSeconds } from '../platform/revocation-lifetime.js';
import { jwksMaxAgeSeconds, keyPolicy, pollSeconds } from './key-timing.js';

const VERIFIER_COOLDOWN_SECONDS = 30;

describe('the timing of signing keys', () => {
  it('lets a verifier in its cooldown fetch a new key before anything is signed with it', () => {
    const ahead = 60;
    expect(VERIFIER_COOLDOWN_SECONDS + jwksMaxAgeSeconds(ahead) + pollSeconds(ahead)).toBeLessThan(
      ahead,
    );
  });

  it.each([0, 1, 2, 10, 60, 600])('is consistent when keys are published %d s ahead', (ahead) => {
    expect(Number.isInteger(jwksMaxAgeSeconds(ahead))).toBe(true);
    expect(jwksMaxAgeSeconds(ahead)).toBeLessThanOrEqual(ahead);
    expect(pollSeconds(ahead)).toBeGreaterThanOrEqual(0.25);
    expect(pollSeconds(ahead)).toBeLessThanOrEqual(5);
  });

  it('keeps a key published for the last token of a replica that has not noticed the rotation', () => {
    const policy = keyPolicy(
      { publishAheadSeconds: 60, rotationSeconds: 3600 },
      { longestSeconds: 300 },
    );
    expect(policy.retireAfterSeconds).toBeGreaterThanOrEqual(300 + policy.maxReadingAgeSeconds + 5);
  });

  it('keeps a key published while events that it signed are on the stream', () => {
    const policy = keyPolicy(
      { publishAheadSeconds: 4, rotationSeconds: 3600 },
      { longestSeconds: 300 },
    );
    expect(policy.retireAfterSeconds).toBeGreaterThanOrEqual(
      streamMaxAgeSeconds(300) + policy.maxReadingAgeSeconds,
    );
  });

  it('follows changes of the longest lifetime at runtime', () => {
    const lifetimes = { longestSeconds: 300 };
    const policy = keyPolicy({ publishAheadSeconds: 4, rotationSeconds: 3600 }, lifetimes);
    const before = policy.retireAfterSeconds;
    lifetimes.longestSeconds = 3600;
    expect(policy.retireAfterSeconds).toBe(before + 3300);
  });
});
