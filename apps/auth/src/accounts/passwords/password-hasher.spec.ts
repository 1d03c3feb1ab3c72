import { hash } from '@node-rs/argon2';
import { PasswordHasher } from './password-hasher.js';

describe('PasswordHasher', () => {
  let hasher: PasswordHasher;
  beforeAll(async () => {
    hasher = new PasswordHasher();
    await hasher.onModuleInit();
  });

  it("uses argon2id with OWASP's parameters and a fresh salt", async () => {
    const [one, other] = await Promise.all([hasher.hash('a password'), hasher.hash('a password')]);
    expect(one).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/);
    expect(one).not.toBe(other);
    expect(hasher.isOutdated(one)).toBe(false);
  });

  it.each([
    ['in a trailing space', 'pässwörd', 'pässwörd '],
    ['in case', 'pässwörd', 'Pässwörd'],
    ['in Unicode composition', 'p\u00e4ssword', 'pa\u0308ssword'],
    ['after a NUL', 'password\u0000a', 'password\u0000b'],
    ['in the last of 1,024 bytes', `${'x'.repeat(1023)}a`, `${'x'.repeat(1023)}b`],
  ])('distinguishes passwords that differ %s', async (_, password, other) => {
    const stored = await hasher.hash(password);
    expect(await hasher.matches(stored, password)).toBe(true);
    expect(await hasher.matches(stored, other)).toBe(false);
  });

  it('never matches without an account', async () => {
    expect(await hasher.matches(undefined, '')).toBe(false);
    expect(await hasher.matches(undefined, 'a password')).toBe(false);
  });

  it('takes the same time with and without an account', async () => {
    const stored = await hasher.hash('a password');
    const time = async (against: string | undefined) => {
      const start = performance.now();
      await hasher.matches(against, 'wrong');
      return performance.now() - start;
    };
    const differences: number[] = [];
    for (let round = 0; round < 15; round += 1)
      differences.push(Math.log((await time(undefined)) / (await time(stored))));
    const median = differences.sort((a, b) => a - b)[7]!;
    // Without the decoy, it would take a thousandth of the time.
    expect(Math.abs(median)).toBeLessThan(Math.log(2));
  });

  it('recognizes a hash with weaker parameters as outdated', async () => {
    const weak = await hash('a password', { memoryCost: 8192, timeCost: 1 });
    expect(hasher.isOutdated(weak)).toBe(true);
    expect(await hasher.matches(weak, 'a password')).toBe(true);
  });
});
