import fc from 'fast-check';
import { judgeInTime, makeTarget, type Target } from './attacks-fixture.js';

const REJECTED = ['crit', 'b64', 'zip', 'cty', 'jwk', 'jku', 'x5u', 'x5c'];

describe('arbitrary input is rejected or sound, and is judged in time', () => {
  let target: Target;

  beforeAll(async () => {
    target = await makeTarget();
    await target.judge(target.good);
  });
  afterAll(() => target.close());

  const judgesInTime = async (token: string) => {
    const verdict = await judgeInTime(target, token);
    expect(verdict).toMatch(/^[a-z_]+$/);
    if (verdict === 'accepted') expectSound(token);
  };

  /** Checks what every accepted token must contain, without using the verifier's code. */
  function expectSound(token: string): void {
    const [header = {}, claims = {}] = token
      .split('.', 2)
      .map((part) => JSON.parse(Buffer.from(part, 'base64url').toString()) as object);
    expect(header).toMatchObject({ alg: 'RS256', kid: target.key.kid });
    expect(header).toHaveProperty('typ', 'at+jwt');
    for (const member of REJECTED) expect(Object.keys(header)).not.toContain(member);
    const { iss, aud, exp, iat } = claims as Record<string, unknown>;
    expect(iss).toBe(target.issuer.issuer);
    expect([aud].flat()).toContain('orders');
    expect(exp).toBeGreaterThan(Date.now() / 1000 - 10);
    expect(Number(exp) - Number(iat)).toBeLessThanOrEqual(3600);
    for (const name of ['sub', 'jti', 'client_id']) {
      expect(claims).toHaveProperty(name, expect.stringMatching(/./su));
    }
  }

  const name = fc.oneof(
    fc.constantFrom('alg', 'typ', 'kid', 'crit', 'b64', 'zip', 'cty', 'jwk', 'jku', 'x5c', 'x5u'),
    fc.constantFrom('iss', 'sub', 'aud', 'exp', 'iat', 'nbf', 'jti', 'sid', 'scope', 'act'),
    fc.constantFrom('client_id', 'auth_time', '__proto__', 'constructor', 'toString', ''),
    fc.string({ unit: 'binary', maxLength: 5 }),
  );
  const now = Math.floor(Date.now() / 1000);
  const plausible = fc.constantFrom<unknown>(
    ...['RS256', 'none', 'HS256', 'at+jwt', 'JWT', 'https://issuer.test', 'orders'],
    ...[now, now + 60, now - 60, 0, -1, 1e308, Number.MIN_VALUE, null, true, '', [], {}],
    ...[['orders'], [['orders']], { sub: 'a' }, { sub: 'a', act: { sub: 'b' } }],
  );
  const value = fc.oneof(plausible, fc.jsonValue({ stringUnit: 'binary' }));
  const members = fc.dictionary(name, value, { maxKeys: 8 });
  const alone = members.map((object) => JSON.stringify(object));
  const text = fc.oneof(alone, fc.json({ stringUnit: 'binary' }), fc.string({ unit: 'binary' }));
  const part = fc.oneof(members, text, fc.uint8Array({ maxLength: 200 }));

  it('members added to or replacing those of a signed token', async () => {
    await fc.assert(
      fc.asyncProperty(members, members, async (header, claims) => {
        await judgesInTime(await target.sign({ header, claims }));
      }),
      { numRuns: 500 },
    );
  });

  it('claims added to or replacing those of a signed token', async () => {
    await fc.assert(
      fc.asyncProperty(members, async (claims) => {
        await judgesInTime(await target.sign({ claims }));
      }),
      { numRuns: 500 },
    );
  });

  it('members added to or replacing those of a token, without signing it again', async () => {
    await fc.assert(
      fc.asyncProperty(members, members, async (header, claims) => {
        const token = target.forge({ header, claims });
        fc.pre(token !== target.good);
        expect(await judgeInTime(target, token)).not.toContain('accepted');
      }),
      { numRuns: 500 },
    );
  });

  it('any text, bytes or members as the header and claims of a signed token', async () => {
    await fc.assert(
      fc.asyncProperty(part, part, async (header, claims) => {
        await judgesInTime(await target.sign({ header, claims }));
      }),
      { numRuns: 500 },
    );
  });

  it('any text, bytes or members as the claims of a signed token with a valid header', async () => {
    await fc.assert(
      fc.asyncProperty(part, async (claims) => {
        await judgesInTime(await target.sign({ claims }));
      }),
      { numRuns: 500 },
    );
  });

  it('any text, bytes or members with any signature', async () => {
    const signature = fc.oneof(fc.string({ unit: 'binary' }), fc.uint8Array({ maxLength: 300 }));
    await fc.assert(
      fc.asyncProperty(part, part, signature, async (header, claims, bytes) => {
        const token = target.forge({ header, claims, signature: bytes });
        expect(await judgeInTime(target, token)).not.toContain('accepted');
      }),
      { numRuns: 500 },
    );
  });

  it('any text instead of a token', async () => {
    const tokens = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 400 }),
      fc.string({ unit: 'grapheme' }),
      fc.stringMatching(/^[\w-]{0,80}(\.[\w-]{0,80}){0,5}$/),
      fc.stringMatching(/^[.=\s\w+/-]{0,200}$/),
    );
    await fc.assert(
      fc.asyncProperty(tokens, async (token) => {
        expect(await judgeInTime(target, token)).not.toContain('accepted');
      }),
      { numRuns: 1000 },
    );
  });
});
