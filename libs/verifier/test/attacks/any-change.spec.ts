import fc from 'fast-check';
import { makeFixture, type Fixture } from '../verifier-fixture.js';
import { makeTarget, type Target } from './attacks-fixture.js';

/** The 255 XOR masks that change a byte, in ranges of sixteen. */
const FLIPS = Array.from({ length: 16 }, (_, part): [number, number] => [
  Math.max(1, part * 16),
  part * 16 + 15,
]);

/** Exhaustive where possible, because a single accepted change is a forgery. */
describe('a valid token after a change', () => {
  let target: Target;
  /** Has the valid token in its cache, which must not accept a changed one either. */
  let fixture: Fixture;

  beforeAll(async () => {
    target = await makeTarget();
    const { issuer } = target;
    fixture = await makeFixture({ keys: () => Promise.resolve(issuer.jwks()) });
    await fixture.judge(target.good);
  });
  afterAll(() => {
    target.close();
    fixture.verifier.close();
  });

  /** Returns the indices of the accepted tokens. */
  async function accepted(tokens: readonly string[]): Promise<number[]> {
    const wrong: number[] = [];
    for (const [number, token] of tokens.entries()) {
      if ((await fixture.judge(token)) === 'accepted') wrong.push(number);
    }
    return wrong;
  }

  const everywhere = (change: (good: string, at: number) => string) =>
    Array.from(target.good, (_, at) => change(target.good, at));

  const withByte = (text: string, at: number, change: (byte: number) => number) =>
    text.slice(0, at) + String.fromCharCode(change(text.charCodeAt(at))) + text.slice(at + 1);

  it('is accepted before the change', async () => {
    expect(await accepted([target.good, await target.sign({})])).toEqual([0, 1]);
  });

  it.each(FLIPS)('is rejected with any byte XORed with %i to %i', async (from, to) => {
    for (let flip = from; flip <= to; flip++) {
      const changed = everywhere((good, at) => withByte(good, at, (byte) => byte ^ flip));
      expect({ flip, accepted: await accepted(changed) }).toEqual({ flip, accepted: [] });
    }
  });

  it.each([0x100, 0x2000, 0xd800, 0xdc00, 0xff00])(
    'is rejected with %i added to any character',
    async (offset) => {
      const lifted = everywhere((good, at) => withByte(good, at, (byte) => byte + offset));
      expect(await accepted(lifted)).toEqual([]);
    },
  );

  it('is rejected without any one character', async () => {
    const shorter = everywhere((good, at) => good.slice(0, at) + good.slice(at + 1));
    expect(await accepted(shorter)).toEqual([]);
  });

  it.each(['A', '.', '=', ' ', '\n', '\u0000', '\u200b'])(
    'is rejected with %j inserted at any position',
    async (more) => {
      const longer = everywhere((good, at) => good.slice(0, at) + more + good.slice(at));
      expect(await accepted([...longer, target.good + more])).toEqual([]);
    },
  );

  it('is rejected with any character doubled', async () => {
    const longer = everywhere((good, at) => good.slice(0, at + 1) + good.slice(at));
    expect(await accepted(longer)).toEqual([]);
  });

  it('is rejected with any two adjacent characters swapped', async () => {
    const swapped = everywhere(
      (good, at) => good.slice(0, at) + (good[at + 1] ?? '') + good[at]! + good.slice(at + 2),
    );
    expect(await accepted(swapped.filter((token) => token !== target.good))).toEqual([]);
  });

  it('is rejected when truncated at any position', async () => {
    expect(await accepted(everywhere((good, at) => good.slice(0, at)))).toEqual([]);
  });

  it('is rejected when its start is cut off at any position', async () => {
    expect(await accepted(everywhere((good, at) => good.slice(at + 1)))).toEqual([]);
  });

  it('is rejected with any bit of its signature flipped', async () => {
    const changed = Array.from({ length: 2048 }, (_, bit) => {
      const signature = Buffer.from(target.signature);
      signature[bit >> 3]! ^= 1 << (bit & 7);
      return target.forge({ signature });
    });
    expect(await accepted(changed)).toEqual([]);
  });

  it.each(['header', 'claims'] as const)(
    'is rejected with any byte of its %s changed and encoded again',
    async (half) => {
      const text = JSON.stringify(target[half]);
      for (const flip of [1, 2, 4, 8, 16, 32, 64]) {
        const changed = Array.from(text, (_, at) =>
          target.forge({ [half]: withByte(text, at, (byte) => byte ^ flip) }),
        );
        expect(await accepted(changed)).toEqual([]);
      }
    },
  );

  it('is rejected with any one byte changed, for any claims', async () => {
    const claims = fc.dictionary(fc.stringMatching(/^x\w{0,8}$/), fc.jsonValue(), { maxKeys: 4 });
    await fc.assert(
      fc.asyncProperty(
        claims,
        fc.nat(),
        fc.integer({ min: 1, max: 255 }),
        async (more, at, flip) => {
          const good = await target.sign({ claims: more });
          const changed = withByte(good, at % good.length, (byte) => byte ^ flip);
          expect([await fixture.judge(good), await accepted([changed])]).toEqual(['accepted', []]);
        },
      ),
      { numRuns: 300 },
    );
  });
});
