import { createPublicKey, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { exportJWK, SignJWT } from 'jose';
import { decodeToken, judgeToken, readKeys, type KeyForm } from '../src/index.js';
import { BIT_STRING, der, OID, SEQUENCE, VERSION_0 } from '../src/keys/der.js';
import { pemOf } from '../src/keys/pem.js';
import { NOW } from './making-tokens.js';

const PAIRS = {
  RS256: generateKeyPairSync('rsa', { modulusLength: 2048 }),
  ES256: generateKeyPairSync('ec', { namedCurve: 'P-256' }),
  ES384: generateKeyPairSync('ec', { namedCurve: 'P-384' }),
  ES512: generateKeyPairSync('ec', { namedCurve: 'P-521' }),
  EdDSA: generateKeyPairSync('ed25519'),
};
type Alg = keyof typeof PAIRS;
const ALGS = Object.keys(PAIRS) as Alg[];

const pem = (key: KeyObject, type: string) =>
  key.export({ format: 'pem', type: type as 'spki' }).toString();
const jwk = (alg: Alg, more = {}) => ({
  ...PAIRS[alg].publicKey.export({ format: 'jwk' }),
  ...more,
});

const relabelled = (text: string, label: string) =>
  text.replaceAll(/(?<=BEGIN |END )\w+(?= KEY)/g, label);
const bare = (text: string) => text.trim().split('\n').slice(1, -1).join('\n');

/** A certificate (RFC 5280 §4.1) whose signature nobody looks at. */
function certificate(alg: Alg): string {
  const algorithm = der(SEQUENCE, OID.ec);
  const version = der(0xa0, Uint8Array.of(2, 1, 2));
  const name = der(SEQUENCE);
  const time = der(0x17, new TextEncoder().encode('260101000000Z'));
  const spki = new Uint8Array(PAIRS[alg].publicKey.export({ format: 'der', type: 'spki' }));
  const validity = der(SEQUENCE, time, time);
  const signed = [version, VERSION_0, algorithm, name, validity, name, spki];
  const signature = der(BIT_STRING, Uint8Array.of(0, 0));
  return pemOf('CERTIFICATE', der(SEQUENCE, der(SEQUENCE, ...signed), algorithm, signature));
}

async function verdictWith(alg: Alg, text: string) {
  const token = await new SignJWT({}).setProtectedHeader({ alg }).sign(PAIRS[alg].privateKey);
  const { keys } = await readKeys(text);
  return (await judgeToken(decodeToken(token), { keys, now: NOW })).verdict;
}

describe.each(ALGS)('a key for %s is read', (alg) => {
  const { publicKey, privateKey } = PAIRS[alg];
  const forms: [title: string, form: KeyForm, text: () => string][] = [
    ['JWK', 'jwk', () => JSON.stringify(jwk(alg))],
    ['JWKS', 'jwks', () => JSON.stringify({ keys: [jwk(alg, { kid: 'a' })] })],
    ['an array of JWKs', 'jwks', () => JSON.stringify([jwk(alg)])],
    ['a private JWK', 'jwk', () => JSON.stringify(privateKey.export({ format: 'jwk' }))],
    ['SPKI', 'public_pem', () => pem(publicKey, 'spki')],
    [
      'SPKI on one line with escapes',
      'public_pem',
      () => pem(publicKey, 'spki').replaceAll('\n', '\\n'),
    ],
    [
      'SPKI with CRLF and text before it',
      'public_pem',
      () => `key:\r\n${pem(publicKey, 'spki').replaceAll('\n', '\r\n')}`,
    ],
    [
      'SPKI in a JSON object',
      'public_pem',
      () => JSON.stringify({ issuer: 'a', key: pem(publicKey, 'spki') }),
    ],
    ['SPKI as a JSON string', 'public_pem', () => JSON.stringify(pem(publicKey, 'spki'))],
    [
      'SPKI with another label',
      'public_pem',
      () => relabelled(pem(publicKey, 'spki'), 'RSA PUBLIC'),
    ],
    ['base64 alone', 'public_pem', () => bare(pem(publicKey, 'spki'))],
    ['a certificate in base64', 'certificate', () => bare(certificate(alg))],
    [
      'a JWKS in the answer of an issuer',
      'jwks',
      () => JSON.stringify({ client_id: 'a', jwks: { keys: [jwk(alg)] } }),
    ],
    ['a JWKS as a JSON string', 'jwks', () => JSON.stringify(JSON.stringify({ keys: [jwk(alg)] }))],
    [
      'PKCS #8 with another label',
      'private_pem',
      () => relabelled(pem(privateKey, 'pkcs8'), 'EC PRIVATE'),
    ],
    ['PKCS #8', 'private_pem', () => pem(privateKey, 'pkcs8')],
    ['a certificate', 'certificate', () => certificate(alg)],
  ];
  if (alg === 'RS256')
    forms.push(
      ['PKCS #1', 'public_pem', () => pem(publicKey, 'pkcs1')],
      ['private PKCS #1', 'private_pem', () => pem(privateKey, 'pkcs1')],
    );
  if (alg.startsWith('ES'))
    forms.push(
      ['SEC 1', 'private_pem', () => pem(privateKey, 'sec1')],
      [
        'SEC 1 after its curve',
        'private_pem',
        () =>
          `-----BEGIN EC PARAMETERS-----\nBggqhkjOPQMBBw==\n-----END EC PARAMETERS-----\n${pem(privateKey, 'sec1')}`,
      ],
    );

  it.each(forms)('from %s', async (_, form, text) => {
    const read = await readKeys(text());
    expect(read).toMatchObject({ form, keys: [{ form, type: jwk(alg).kty }] });
    expect(read.notes.map(({ code }) => code)).toEqual(
      form === 'private_pem' || text().includes('"d":')
        ? ['private_key']
        : form === 'certificate'
          ? ['certificate_not_checked']
          : [],
    );
    expect(await verdictWith(alg, text())).toBe('valid');
  });

  it('without its private half', async () => {
    for (const text of [
      pem(privateKey, 'pkcs8'),
      JSON.stringify(privateKey.export({ format: 'jwk' })),
    ]) {
      const { keys } = await readKeys(text);
      const { d } = await exportJWK(privateKey);
      expect(JSON.stringify(keys)).not.toContain(d);
      expect(JSON.stringify(keys)).not.toContain('PRIVATE');
    }
  });
});

it('notes characters of a secret that cannot be seen, and where keys are that are not here', async () => {
  const codes = async (text: string) => (await readKeys(text)).notes.map(({ code }) => code);
  expect(await codes('secret\u200b')).toEqual(['read_as_secret', 'invisible_characters']);
  const { notes } = await readKeys('{"jwks_uri":"https://a.test/jwks"}');
  expect(notes[0]?.message).toContain('https://a.test/jwks');
});

describe('a shared secret is read', () => {
  const secret = 'a secret of forty characters, more or less';
  it.each([
    ['text', secret],
    ['text with a line break at its end', `${secret}\n`],
    ['text in quotes', `"${secret}"`],
    ['text between blanks', `  ${secret}\t\n`],
    ['base64url', Buffer.from(secret).toString('base64url')],
    ['base64 in lines', Buffer.from(secret).toString('base64').replaceAll(/.{20}/g, '$&\n')],
    [
      'hexadecimal with colons',
      Buffer.from(secret)
        .toString('hex')
        .replaceAll(/..(?=.)/g, '$&:'),
    ],
    ['hexadecimal after 0x', `0x${Buffer.from(secret).toString('hex')}`],
    ['base64', Buffer.from(secret).toString('base64')],
    ['hexadecimal', Buffer.from(secret).toString('hex')],
    ['JWK', JSON.stringify({ kty: 'oct', k: Buffer.from(secret).toString('base64url') })],
  ])('from %s', async (_, text) => {
    const token = await new SignJWT({})
      .setProtectedHeader({ alg: 'HS256' })
      .sign(Buffer.from(secret));
    const { keys } = await readKeys(text);
    const { verdict, key } = await judgeToken(decodeToken(token), { keys, now: NOW });
    expect([verdict, key?.bits]).toEqual(['valid', secret.length * 8]);
  });

  it('also if it is short, or has blanks around it', async () => {
    expect((await readKeys('x')).keys).toMatchObject([
      { bits: 8, reading: 'text', description: 'shared secret of 1 byte' },
    ]);
    expect((await readKeys(' x ')).keys[0]).toMatchObject({ bits: 24 });
  });
});

it('describes each type of key', async () => {
  const all = ALGS.map((alg) => jwk(alg, { kid: alg }));
  const { keys } = await readKeys(JSON.stringify({ keys: all }));
  expect(keys.map(({ description }) => description)).toEqual([
    'RSA key of 2048 bits',
    'EC key on the curve P-256',
    'EC key on the curve P-384',
    'EC key on the curve P-521',
    'Ed25519 key',
  ]);
});

it.each<[title: string, text: string, unusable: RegExp]>([
  [
    'secp256k1 (JWK)',
    JSON.stringify(
      generateKeyPairSync('ec', { namedCurve: 'secp256k1' }).publicKey.export({ format: 'jwk' }),
    ),
    /on this curve/,
  ],
  [
    'secp256k1 (PEM)',
    pem(generateKeyPairSync('ec', { namedCurve: 'secp256k1' }).publicKey, 'spki'),
    /secp256k1/,
  ],
  [
    'Ed448 (JWK)',
    JSON.stringify(generateKeyPairSync('ed448').publicKey.export({ format: 'jwk' })),
    /on this curve/,
  ],
  ['Ed448 (PEM)', pem(generateKeyPairSync('ed448').publicKey, 'spki'), /Ed448/],
  ['X25519', pem(generateKeyPairSync('x25519').publicKey, 'spki'), /X25519/],
  [
    'RSA-PSS',
    pem(generateKeyPairSync('rsa-pss', { modulusLength: 2048 }).publicKey, 'spki'),
    /restricted to PSS/,
  ],
  ['a type that is not known', '{"kty":"AKP","pub":"AA"}', /this type/],
  ['no type', '{"kty":1}', /no type/],
  [
    'an exponent of 1',
    JSON.stringify(jwk('RS256', { e: 'AAE' })),
    /exponent \(e\) of the key is 1 or even/,
  ],
  [
    'an even exponent',
    JSON.stringify(jwk('RS256', { e: 'AQAC' })),
    /exponent \(e\) of the key is 1 or even/,
  ],
  ['a modulus that is not base64', JSON.stringify(jwk('RS256', { n: '!!!' })), /modulus \(n\)/],
  [
    'a modulus of 65,536 bits',
    JSON.stringify(jwk('RS256', { n: Buffer.alloc(8_192, 0xff).toString('base64url') })),
    /more than 16384 bits/,
  ],
  ['no modulus', '{"kty":"RSA","e":"AQAB"}', /no member n/],
  ['no curve', '{"kty":"EC","x":"AA","y":"AA"}', /no member crv/],
  ['an object as curve', '{"kty":"EC","crv":{"toString":1},"x":"AA","y":"AA"}', /no member crv/],
])('says why a key cannot be used: %s', async (_, text, unusable) => {
  const { keys } = await readKeys(text);
  expect(keys).toHaveLength(1);
  expect(keys[0]?.unusable).toMatch(unusable);
});

const spki = pem(PAIRS.RS256.publicKey, 'spki');
it.each<[title: string, text: string, code: string]>([
  ['nothing', '', 'empty'],
  ['a blank', ' \n', 'empty'],
  ['an empty object', '{}', 'no_keys'],
  ['an empty key set', '{"keys":[]}', 'no_keys'],
  ['a number as key set', '{"keys":1}', 'no_keys'],
  ['broken JSON', '{"kty":"RSA",', 'damaged_key'],
  ['an entry that is not a key', '{"keys":[1,{"kty":"oct","k":"AA"}]}', 'not_a_key'],
  [
    'too many keys',
    JSON.stringify({ keys: Array.from({ length: 101 }, () => ({ kty: 'oct', k: 'AA' })) }),
    'not_a_key',
  ],
  [
    'two keys with one kid',
    '[{"kty":"oct","k":"AA","kid":"a"},{"kty":"oct","k":"AB","kid":"a"}]',
    'duplicate_kid',
  ],
  ['a damaged PEM', spki.replace(/\n[\w+/]{20}/, '\n'), 'damaged_key'],
  ['a PEM that is cut', spki.slice(0, 200), 'damaged_key'],
  [
    'an encrypted private key',
    PAIRS.RS256.privateKey
      .export({ format: 'pem', type: 'pkcs8', cipher: 'aes-256-cbc', passphrase: 'x' })
      .toString(),
    'encrypted_key',
  ],
  [
    'an encrypted private key of OpenSSL',
    PAIRS.RS256.privateKey
      .export({ format: 'pem', type: 'pkcs1', cipher: 'aes-256-cbc', passphrase: 'x' })
      .toString(),
    'encrypted_key',
  ],
  [
    'a certificate request',
    '-----BEGIN CERTIFICATE REQUEST-----\nAAAA\n-----END CERTIFICATE REQUEST-----',
    'not_a_key',
  ],
  [
    'a curve without its key',
    '-----BEGIN EC PARAMETERS-----\nBggqhkjOPQMBBw==\n-----END EC PARAMETERS-----',
    'not_a_key',
  ],
  ['a key of SSH', 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0 ada@host', 'unsupported_key'],
  [
    'a private key of SSH',
    '-----BEGIN OPENSSH PRIVATE KEY-----\nb3Blbg==\n-----END OPENSSH PRIVATE KEY-----',
    'unsupported_key',
  ],
  ['a PEM with other dashes', spki.replaceAll('-----', '—————'), 'damaged_key'],
  ['the metadata of an issuer', '{"issuer":"a","jwks_uri":"https://a.test/jwks"}', 'no_keys'],
  ['a megabyte', 'x'.repeat(1_000_001), 'not_a_key'],
  ['some text', 'some text', 'read_as_secret'],
])('has a note about %s', async (_, text, code) => {
  const { notes } = await readKeys(text);
  expect(notes[0]).toMatchObject({ code, message: expect.stringMatching(/^[A-Z\d].*\.$/s) });
});

it('reads several PEM blocks, and the public half of a private key that is a whole file', async () => {
  const { keys } = await readKeys(
    spki +
      certificate('ES256') +
      createPublicKey(PAIRS.EdDSA.privateKey).export({ format: 'pem', type: 'spki' }).toString(),
  );
  expect(keys.map(({ type }) => type)).toEqual(['RSA', 'EC', 'OKP']);
});
