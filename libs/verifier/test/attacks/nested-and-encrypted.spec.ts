import { createPublicKey, type JsonWebKey } from 'node:crypto';
import { makeIssuer } from '@latchkey/testing';
import { CompactEncrypt, FlattenedEncrypt } from 'jose';
import { describeAttacks, type Attack, type Target } from './attacks-fixture.js';

const nested: Attack[] = [
  [
    'the valid token in a signed token, with cty',
    ({ sign, good }) => sign({ header: { cty: 'JWT' }, claims: good }),
    'unsupported_header',
  ],
  ['the valid token in a signed token', ({ sign, good }) => sign({ claims: good }), 'malformed'],
  [
    'the valid token as a JSON string in a signed token',
    ({ sign, good }) => sign({ claims: JSON.stringify(good) }),
    'malformed',
  ],
  [
    'the valid token in an array in a signed token',
    ({ sign, good }) => sign({ claims: JSON.stringify([good]) }),
    'malformed',
  ],
  [
    'the valid token as a claim',
    ({ sign, good }) => sign({ claims: JSON.stringify({ jwt: good }) }),
    'untrusted_issuer',
  ],
  [
    'the claims as a claim of another object',
    ({ sign, claims }) => sign({ claims: JSON.stringify({ claims }) }),
    'untrusted_issuer',
  ],
  [
    'the claims in an array',
    ({ sign, claims }) => sign({ claims: JSON.stringify([claims]) }),
    'malformed',
  ],
  [
    'the claims as a JSON string',
    ({ sign, claims }) => sign({ claims: JSON.stringify(JSON.stringify(claims)) }),
    'malformed',
  ],
  [
    'the claims encoded twice',
    ({ sign, good }) => sign({ claims: good.split('.')[1]! }),
    'malformed',
  ],
  [
    "the valid token in another issuer's token",
    async ({ good, key }) => {
      const stranger = await makeIssuer();
      return stranger.sign({ kid: key.kid }, good);
    },
    'malformed',
  ],
  [
    'the valid token in an unsigned token',
    ({ good, forge }) => forge({ header: { alg: 'none', cty: 'JWT' }, claims: good }),
    'unsupported_header',
  ],
  [
    'the valid token as the signature of another',
    ({ good, forge }) => forge({ claims: { sub: 'admin' }, signature: Buffer.from(good) }),
    'bad_signature',
  ],
];

/** Anyone can encrypt to a public key, so encryption does not authenticate the issuer. */
const encrypted: Attack[] = [
  ...['RSA-OAEP', 'RSA-OAEP-256'].flatMap((alg): Attack[] => [
    [
      `the valid token encrypted with ${alg} to the public key`,
      (target) => encrypt(target, alg, target.good),
      'malformed',
    ],
    [
      `claims encrypted with ${alg} to the public key`,
      (target) => encrypt(target, alg, JSON.stringify(target.claims)),
      'malformed',
    ],
  ]),
  [
    'the valid token encrypted to a key that its header names',
    async ({ good, header }) => {
      const secret = new Uint8Array(32);
      const protectedHeader = { ...header, alg: 'dir', enc: 'A256GCM', cty: 'JWT' };
      const encryptor = new CompactEncrypt(Buffer.from(good)).setProtectedHeader(protectedHeader);
      return encryptor.encrypt(secret);
    },
    'malformed',
  ],
  [
    'a JWE in JSON',
    async ({ good, key }) => {
      const encryptor = new FlattenedEncrypt(Buffer.from(good)).setProtectedHeader({
        alg: 'RSA-OAEP',
        enc: 'A256GCM',
      });
      const publicKey = createPublicKey({ key: key.publicJwk as JsonWebKey, format: 'jwk' });
      return JSON.stringify(await encryptor.encrypt(publicKey));
    },
    'malformed',
  ],
  [
    'the first three segments of a JWE',
    async (target) =>
      (await encrypt(target, 'RSA-OAEP', target.good)).split('.').slice(0, 3).join('.'),
    'malformed',
  ],
  ...['RSA-OAEP', 'RSA1_5', 'dir', 'A256KW', 'ECDH-ES', 'PBES2-HS256+A128KW'].map((alg): Attack => [
    `a JWE header with ${alg} on a signed token`,
    ({ sign }) => sign({ header: { alg, enc: 'A256GCM', p2s: 'AAAA', p2c: 2 ** 31 - 1 } }),
    'wrong_algorithm',
  ]),
];

async function encrypt({ key, header }: Target, alg: string, text: string): Promise<string> {
  const publicKey = createPublicKey({ key: key.publicJwk as JsonWebKey, format: 'jwk' });
  return new CompactEncrypt(Buffer.from(text))
    .setProtectedHeader({ ...header, alg, enc: 'A256GCM' })
    .encrypt(publicKey);
}

/** RFC 7515 §7.2 and appendix F; SD-JWT. */
const serializations: [string, (token: string) => string][] = [
  ['flattened JSON', (token) => JSON.stringify(flattened(token))],
  [
    'flattened JSON with an unprotected header',
    (token) => JSON.stringify({ ...flattened(token), header: { kid: 'x' } }),
  ],
  ['general JSON', (token) => JSON.stringify(general(token))],
  [
    'general JSON with a second signature',
    (token) => {
      const { payload, signatures } = general(token);
      return JSON.stringify({ payload, signatures: [{ signature: '' }, ...signatures] });
    },
  ],
  ['a JSON string', (token) => JSON.stringify(token)],
  ['a JSON array', (token) => JSON.stringify(token.split('.'))],
  ['a detached payload', (token) => `${token.split('.')[0]}..${token.split('.')[2]}`],
  ['a detached header', (token) => `.${token.split('.')[1]}.${token.split('.')[2]}`],
  ['an SD-JWT', (token) => `${token}~`],
  ['an SD-JWT with a disclosure', (token) => `${token}~WyJzIiwic3ViIiwiYWRtaW4iXQ~`],
  ['an SD-JWT with a key binding', (token) => `${token}~${token}`],
  ['a Bearer credential', (token) => `Bearer ${token}`],
  ['a DPoP credential', (token) => `DPoP ${token}`],
  ['base64url of the whole token', (token) => Buffer.from(token).toString('base64url')],
  ['a percent-encoded token', (token) => token.replaceAll('.', '%2E')],
];

const flattened = (token: string) => {
  const [head, payload, signature] = token.split('.');
  return { payload, protected: head, signature };
};

const general = (token: string) => {
  const { payload, ...signature } = flattened(token);
  return { payload, signatures: [signature] };
};

/** Other numbers of segments, and other separators. */
const segments: [string, (token: string) => string][] = [
  ['nothing', () => ''],
  ['a dot', () => '.'],
  ['two dots', () => '..'],
  ['three dots', () => '...'],
  ['8,000 dots', () => '.'.repeat(8000)],
  ['one segment', (token) => token.split('.')[0]!],
  ['header and claims', (token) => token.split('.').slice(0, 2).join('.')],
  ['a dot before it', (token) => `.${token}`],
  ['a dot after it', (token) => `${token}.`],
  ['two dots after the header', (token) => token.replace('.', '..')],
  ['a fourth segment', (token) => `${token}.AAAA`],
  ['a segment before it', (token) => `AAAA.${token}`],
  ['the token repeated', (token) => `${token}.${token}`],
  ['the token repeated with a comma', (token) => `${token},${token}`],
  ['the token repeated with a space', (token) => `${token} ${token}`],
  ...[',', ':', ';', '/', '-', ' ', '\u3002', '\uff0e', '\u2024', '\u0000'].map(
    (separator): [string, (token: string) => string] => [
      `a token with ${JSON.stringify(separator)} instead of dots`,
      (token) => token.replaceAll('.', separator),
    ],
  ),
];

const texts = [...serializations, ...segments].map(([title, change]): Attack => [
  `a changed form: ${title}`,
  ({ good }) => change(good),
  'malformed',
]);

describeAttacks('a token that is nested, encrypted or in another serialization', [
  ...nested,
  ...encrypted,
  ...texts,
  ['100,000 dots', () => '.'.repeat(100_000), 'too_large'],
]);
