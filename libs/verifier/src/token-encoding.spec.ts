import { signRaw } from '@latchkey/testing';
import { encode, makeFixture, type Fixture } from './verifier-fixture.js';

describe('the encoding of a token', () => {
  let fixture: Fixture;
  let good: string;
  let header: string;
  let claims: Record<string, unknown>;

  beforeAll(async () => {
    fixture = await makeFixture();
    good = await fixture.make();
    const [first = '', second = ''] = good.split('.');
    header = Buffer.from(first, 'base64url').toString();
    claims = JSON.parse(Buffer.from(second, 'base64url').toString()) as Record<string, unknown>;
  });
  afterAll(() => fixture.verifier.close());

  const judge = (token: string) => fixture.judge(token);
  const signed = (head: string | Uint8Array, body: string | Uint8Array) =>
    signRaw(head, body, fixture.issuer.keys[0]!).then(judge);

  it('is accepted as the issuer wrote it', async () => {
    expect(await judge(good)).toBe('accepted');
    expect(await signed(header, JSON.stringify(claims))).toBe('accepted');
  });

  it.each([
    ['nothing', ''],
    ['one segment', 'abc'],
    ['two segments', 'abc.def'],
    ['four segments', 'a.b.c.d'],
    ['a JWE in five segments', 'a.b.c.d.e'],
    ['dots alone', '..'],
    ['spaces', 'a b.c.d'],
  ])('is refused when it is %s', async (_, token) => {
    expect(await judge(token)).toBe('malformed');
  });

  it('is refused above 8 KiB', async () => {
    expect(await judge(`${good}${'a'.repeat(8 * 1024)}`)).toBe('too_large');
  });

  it('has one spelling: 15 others of the last character decode alike and are refused', async () => {
    const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
    const signature = good.split('.')[2]!;
    const bytes = Buffer.from(signature, 'base64url');
    const others = [...alphabet]
      .map((last) => signature.slice(0, -1) + last)
      .filter((text) => Buffer.from(text, 'base64url').equals(bytes) && text !== signature);
    expect(others).toHaveLength(15);
    for (const other of others) {
      expect(await judge(good.replace(signature, other))).toBe('malformed');
    }
  });

  it.each(['=', '==', '\n', ' ', '%', '+', '/'])(
    'is refused with a foreign character: %j',
    async (foreign) => {
      expect(await judge(good + foreign)).toBe('malformed');
      expect(await judge(foreign + good)).toBe('malformed');
    },
  );

  it.each([
    ['header', '{"alg":"RS256","alg":"RS256","typ":"at+jwt","kid":"x"}', '{}'],
    ['header, escaped', '{"alg":"RS256","\\u0061lg":"none","typ":"at+jwt","kid":"x"}', '{}'],
  ])('is refused with a doubled member in the %s', async (_, head, body) => {
    expect(await signed(head, body)).toBe('malformed');
  });

  it('is refused with a doubled claim, at any level', async () => {
    const text = JSON.stringify(claims);
    expect(await signed(header, `{"sub":"other",${text.slice(1)}`)).toBe('malformed');
    expect(await signed(header, `{"\\u0061ud":"other",${text.slice(1)}`)).toBe('malformed');
    expect(await signed(header, `{"act":{"sub":"a","sub":"b"},${text.slice(1)}`)).toBe('malformed');
    expect(await signed(header, `{"x":[{"a":1,"a":2}],${text.slice(1)}`)).toBe('malformed');
  });

  it('may hold colons, quotes and braces in its strings', async () => {
    const odd = { ...claims, odd: 'a":"b', '{"x":1}': ':::', nested: { ':"': ['"', ':'] } };
    expect(await signed(header, JSON.stringify(odd))).toBe('accepted');
  });

  it('is refused with a byte order mark or with bytes that are not UTF-8', async () => {
    const text = JSON.stringify(claims);
    expect(await signed(header, `\uFEFF${text}`)).toBe('malformed');
    expect(await signed(`\uFEFF${header}`, text)).toBe('malformed');
    const invalid = Buffer.concat([
      Buffer.from(text.slice(0, -1)),
      Buffer.from(',"x":"'),
      Buffer.from([0xff, 0xc0, 0x80]),
      Buffer.from('"}'),
    ]);
    expect(await signed(header, invalid)).toBe('malformed');
  });

  it.each(['null', '[]', '"text"', '1', 'true', '', '{', '{"a":1}x', "{'a':1}", '{"a":NaN}'])(
    'is refused when its claims are %j',
    async (body) => {
      expect(await signed(header, body)).toBe('malformed');
    },
  );

  it('is refused when it is nested deep', async () => {
    expect(await signed(header, `${'[{"a":'.repeat(500)}1${'}]'.repeat(500)}`)).toBe('malformed');
    const deep = `{"x":${'['.repeat(2000)}${']'.repeat(2000)},${JSON.stringify(claims).slice(1)}`;
    expect(await signed(header, deep)).toBe('malformed');
  });

  it('cannot pollute a prototype', async () => {
    const text = JSON.stringify(claims).slice(1);
    await signed(header, `{"__proto__":{"polluted":1},"constructor":{"prototype":{}},${text}`);
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
    const inherited = `{"__proto__":${JSON.stringify(claims)}}`;
    expect(await signed(header, inherited)).toBe('untrusted_issuer');
  });

  it('is refused with a token inside a token', async () => {
    const nested = `${encode({ alg: 'RS256', typ: 'JWT', cty: 'JWT', kid: 'x' })}.${encode(good)}.AA`;
    expect(await judge(nested)).toBe('unsupported_header');
    expect(await signed(header, good)).toBe('malformed');
  });
});
