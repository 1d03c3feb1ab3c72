import type { RevocationCheck } from './index.js';
import { makeFixture, type Fixture } from './verifier-fixture.js';

/** The deny-list tells by how much the issuer's clock is ahead of this machine's. */
describe('a token that is not valid yet', () => {
  let fixture: Fixture;
  let offset: number | undefined;

  const list: RevocationCheck = {
    loaded: true,
    isRevoked: () => false,
    stalenessSeconds: () => 0,
    clockOffsetSeconds: () => offset,
  };
  const issuedIn = (seconds: number) =>
    fixture.make({ issuedAt: Math.floor(Date.now() / 1000) + seconds });
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
    fixture = await makeFixture({ revocations: list, whenStale: 'accept' });
  });
  afterEach(() => fixture.verifier.close());

  it.each<[string, number | undefined, number, string]>([
    ['is refused by a clock that nobody compared', undefined, 60, 'TokenError: not_yet_valid'],
    ['is refused by a clock that is right', 0, 60, 'TokenError: not_yet_valid'],
    ['is refused by a clock that is ahead', -90, 60, 'TokenError: not_yet_valid'],
    [
      'cannot be judged by a clock that is behind',
      90,
      90,
      'VerifierUnavailableError: clock_behind',
    ],
    ['is refused where it is from the future of both clocks', 90, 120, 'TokenError: not_yet_valid'],
    ['is accepted within the tolerance, whatever is known', 90, 3, 'accepted'],
  ])('%s', async (_, known, seconds, expected) => {
    offset = known;
    expect(await outcome(await issuedIn(seconds))).toBe(expected);
  });

  it('is accepted once the clock is right', async () => {
    offset = 90;
    const token = await issuedIn(3);
    expect(await outcome(token)).toBe('accepted');
    expect(await outcome(await issuedIn(0))).toBe('accepted');
  });

  it('cannot be accepted by anything else that the deny-list says', async () => {
    offset = Infinity;
    expect(await outcome(await issuedIn(3_000))).toBe('VerifierUnavailableError: clock_behind');
    offset = NaN;
    expect(await outcome(await issuedIn(3_000))).toBe('TokenError: not_yet_valid');
  });
});
