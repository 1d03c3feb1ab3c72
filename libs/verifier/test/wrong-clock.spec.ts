import type { RevocationCheck, Warning } from '../src/index.js';
import { makeFixture, type Fixture } from './verifier-fixture.js';

const LIFETIME = 300;

describe("a verifier whose deny-list knows the offset of the issuer's clock", () => {
  let fixture: Fixture;
  let offset: number | undefined;
  let told: Warning[];

  const list: RevocationCheck = {
    loaded: true,
    isRevoked: () => false,
    stalenessSeconds: () => 0,
    clockOffsetSeconds: () => offset,
  };
  const issuedIn = (seconds: number) => {
    const issuedAt = Math.floor(Date.now() / 1000) + seconds;
    return fixture.make({ issuedAt, expiresAt: issuedAt + LIFETIME });
  };
  const expiredFor = (seconds: number) => issuedIn(-seconds - LIFETIME);
  const outcome = async (token: string) => {
    try {
      await fixture.verifier.verify(token);
      return 'accepted';
    } catch (error) {
      const { name, code } = error as { name: string; code: string };
      return `${name}: ${code}`;
    }
  };

  beforeEach(async () => {
    told = [];
    const onWarning = (warning: Warning) => told.push(warning);
    fixture = await makeFixture({ revocations: list, whenStale: 'accept', onWarning });
  });
  afterEach(() => fixture.verifier.close());

  it.each<[string, number | undefined, number, string]>([
    ['rejects it if the offset is unknown', undefined, 60, 'TokenError: not_yet_valid'],
    ['rejects it if the clock is right', 0, 60, 'TokenError: not_yet_valid'],
    ['rejects it if the clock is ahead', -90, 60, 'TokenError: not_yet_valid'],
    ['cannot judge it if the clock is behind', 90, 90, 'VerifierUnavailableError: clock_behind'],
    ['rejects it if it is early by both clocks', 90, 120, 'TokenError: not_yet_valid'],
    ['accepts it within the tolerance', 90, 3, 'accepted'],
    ['accepts it once it is valid by this clock', 90, 0, 'accepted'],
  ])('gets a token that is not valid yet, and %s', async (_, known, seconds, expected) => {
    offset = known;
    expect(await outcome(await issuedIn(seconds))).toBe(expected);
  });

  it.each<[string, number | undefined, number, string]>([
    ['rejects it if the offset is unknown', undefined, 60, 'TokenError: expired'],
    ['rejects it if the clock is right', 0, 60, 'TokenError: expired'],
    ['rejects it if the clock is behind', 90, 60, 'TokenError: expired'],
    ['rejects it if the offset may be a delay', -5, 7, 'TokenError: expired'],
    ['cannot judge it if the clock is ahead', -600, 300, 'VerifierUnavailableError: clock_ahead'],
    ['rejects it if it has expired by both clocks', -600, 620, 'TokenError: expired'],
    ['accepts it within the tolerance', -600, 3, 'accepted'],
  ])('gets an expired token, and %s', async (_, known, seconds, expected) => {
    offset = known;
    expect(await outcome(await expiredFor(seconds))).toBe(expected);
  });

  it('never accepts more tokens because of the offset', async () => {
    const [early, late] = [await issuedIn(3_000), await expiredFor(3_000)];
    offset = Infinity;
    expect(await outcome(early)).toBe('VerifierUnavailableError: clock_behind');
    expect(await outcome(late)).toBe('TokenError: expired');
    offset = -Infinity;
    expect(await outcome(early)).toBe('TokenError: not_yet_valid');
    expect(await outcome(late)).toBe('VerifierUnavailableError: clock_ahead');
    offset = NaN;
    expect(await outcome(early)).toBe('TokenError: not_yet_valid');
    expect(await outcome(late)).toBe('TokenError: expired');
  });

  it.each([
    ['behind', 90, () => issuedIn(90), /not yet by this machine's, which is behind\. Synchronize/],
    [
      'ahead',
      -600,
      () => expiredFor(300),
      /has expired by this machine's, which is ahead\. Synchronize/,
    ],
  ])('warns that its clock is %s, once and without the token', async (_, known, make, line) => {
    offset = known;
    const token = await make();
    for (let time = 0; time < 3; time++) await outcome(token);
    expect(told.map(({ message }) => message)).toEqual([expect.stringMatching(line)]);
    for (const part of token.split('.')) expect(JSON.stringify(told)).not.toContain(part);
  });
});
