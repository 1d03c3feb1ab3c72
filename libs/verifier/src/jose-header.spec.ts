import { createHmac, createPublicKey } from 'node:crypto';
import { encode, makeFixture, type Fixture } from './verifier-fixture.js';

describe('the header of a token', () => {
  let fixture: Fixture;
  let kid: string;
  let claims: string;

  beforeAll(async () => {
    fixture = await makeFixture();
    kid = fixture.issuer.keys[0]!.kid;
    claims = (await fixture.make()).split('.')[1]!;
  });
  afterAll(() => fixture.verifier.close());

  const withHeader = async (header: Record<string, unknown>) =>
    fixture.judge(await fixture.make({ header }));

  it.each(['none', 'None', 'NONE', 'nOnE', 'none ', '', 'null'])(
    'is refused with alg %j and no signature',
    async (alg) => {
      const head = encode({ alg, typ: 'at+jwt', kid });
      for (const signature of ['', 'AA', 'A'.repeat(342)]) {
        expect(await fixture.judge(`${head}.${claims}.${signature}`)).not.toBe('accepted');
      }
    },
  );

  it('is refused when the public key is used as an HMAC secret, in any encoding', async () => {
    const jwk = fixture.issuer.keys[0]!.publicJwk;
    const key = createPublicKey({ key: jwk, format: 'jwk' } as never);
    const secrets = [
      key.export({ type: 'spki', format: 'pem' }),
      key.export({ type: 'spki', format: 'der' }),
      key.export({ type: 'pkcs1', format: 'pem' }),
      key.export({ type: 'pkcs1', format: 'der' }),
      JSON.stringify(jwk),
      Buffer.from(jwk.n!, 'base64url'),
      jwk.n!,
      '',
    ];
    for (const alg of ['HS256', 'HS384', 'HS512']) {
      const input = `${encode({ alg, typ: 'at+jwt', kid })}.${claims}`;
      for (const secret of secrets) {
        const signature = createHmac(`sha${alg.slice(2)}`, secret)
          .update(input)
          .digest();
        expect(await fixture.judge(`${input}.${signature.toString('base64url')}`)).toBe(
          'wrong_algorithm',
        );
      }
    }
  });

  it.each(['RS384', 'RS512', 'PS256', 'ES256', 'EdDSA', 'rs256', 'RS256 '])(
    'is refused with alg %j over a good signature',
    async (alg) => {
      expect(await withHeader({ alg })).toBe('wrong_algorithm');
    },
  );

  it.each<[string, unknown]>([
    ['crit', ['exp']],
    ['b64', false],
    ['zip', 'DEF'],
    ['cty', 'JWT'],
    ['jwk', { kty: 'RSA' }],
    ['jku', 'http://127.0.0.1:1/keys'],
    ['x5u', 'http://127.0.0.1:1/cert'],
    ['x5c', ['MIIB']],
  ])('is refused with %s', async (member, value) => {
    expect(await withHeader({ [member]: value })).toBe('unsupported_header');
    expect(await withHeader({ [member]: null })).toBe('unsupported_header');
  });

  it('may have members that no RFC knows', async () => {
    expect(await withHeader({ 'x-trace': 'a' })).toBe('accepted');
  });

  it.each(['JWT', 'jwt', 'secevent+jwt', 'at', 'at+jwt ', 'text/at+jwt', 'rt+jwt', 'logout+jwt'])(
    'is refused with typ %j',
    async (typ) => {
      expect(await withHeader({ typ })).toBe('wrong_type');
    },
  );

  it.each(['at+jwt', 'AT+JWT', 'application/at+jwt', 'Application/AT+jwt'])(
    'is accepted with typ %j (RFC 9068 §4)',
    async (typ) => {
      expect(await withHeader({ typ })).toBe('accepted');
    },
  );

  it.each(['alg', 'typ', 'kid'])(
    'is refused without %s, and with one that is no text',
    async (name) => {
      for (const value of [undefined, null, 1, '', [], {}, true]) {
        expect(await withHeader({ [name]: value })).toBe('malformed');
      }
    },
  );

  it.each([
    '../../../../etc/passwd',
    "' OR 1=1 --",
    '__proto__',
    'constructor',
    'toString',
    'hasOwnProperty',
    '\u0000',
    'k'.repeat(256),
  ])('knows no key %j', async (hostile) => {
    expect(await withHeader({ kid: hostile })).toBe('unknown_key');
  });

  it('is refused with a very long kid', async () => {
    expect(await withHeader({ kid: 'k'.repeat(257) })).toBe('malformed');
  });
});
