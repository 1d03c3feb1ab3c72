import { constants, privateEncrypt, sign, webcrypto } from 'node:crypto';
import type { TestKey } from '@latchkey/testing';
import { exportJWK } from 'jose';
import {
  describeAttacks,
  makeTarget,
  privateKeyOf,
  signingInput,
  type Attack,
  type Target,
} from './attacks-fixture.js';
import {
  cubeRoot,
  cubeRootOfEnd,
  der,
  digestInfo,
  encodedMessage,
  filled,
  hash,
  modulusOf,
  NULL,
  padded,
  SHA256,
  toBytes,
  toInteger,
} from './rsa-fixture.js';

/** Encoded messages other than the only valid one (RFC 8017 §9.2). */
const BLOCKS: [string, (digest: string) => Buffer][] = [
  ['garbage after the digest', (d) => filled(`0001${'ff'.repeat(8)}00${digestInfo(d)}`, 'a5')],
  ['zeros after the digest', (d) => filled(`0001${'ff'.repeat(8)}00${digestInfo(d)}`)],
  ['no padding bytes', (d) => filled(`000100${digestInfo(d)}`)],
  ['seven padding bytes', (d) => filled(`0001${'ff'.repeat(7)}00${digestInfo(d)}`)],
  ['padding bytes of zero', (d) => filled(`0001${'00'.repeat(203)}${digestInfo(d)}`)],
  ['another padding byte at the start', (d) => withByte(d, 2, 0xfe)],
  ['another padding byte in the middle', (d) => withByte(d, 100, 0xfe)],
  ['another padding byte at the end', (d) => withByte(d, 203, 0xfe)],
  ['a zero among the padding bytes', (d) => withByte(d, 50, 0)],
  ['a byte other than zero between padding and DigestInfo', (d) => withByte(d, 204, 1)],
  ['block type 0', (d) => withByte(d, 1, 0)],
  ['block type 2', (d) => withByte(d, 1, 2)],
  ['block type 0xff', (d) => withByte(d, 1, 0xff)],
  ['a first byte of 1', (d) => withByte(d, 0, 1)],
  ['everything shifted left by one byte', (d) => filled(`01${'ff'.repeat(202)}00${digestInfo(d)}`)],
  ['the DigestInfo without padding', (d) => Buffer.from(digestInfo(d).padStart(512, '0'), 'hex')],
  ['the digest without padding', (d) => Buffer.from(d.padStart(512, '0'), 'hex')],
  ['the padding of X9.31', (d) => Buffer.from(`6b${'bb'.repeat(220)}ba${d}34cc`, 'hex')],
];

/** The same for the part that follows `00 01 ff … ff`. */
const TAILS: [string, (digest: string) => string][] = [
  ['one zero byte after the digest', (d) => `00${digestInfo(d)}00`],
  ['eleven bytes after the digest', (d) => `00${digestInfo(d)}${'a5'.repeat(11)}`],
  ['garbage before the DigestInfo', (d) => `00${'a5'.repeat(100)}${digestInfo(d)}`],
  ['a second zero before the DigestInfo', (d) => `0000${digestInfo(d)}`],
  ['no zero before the DigestInfo', (d) => digestInfo(d)],
  ['an element after the digest', (d) => `00${der('30', `${content(d)}0401a5`)}`],
  ['an element before the algorithm', (d) => `00${der('30', `0401a5${content(d)}`)}`],
  ['garbage in the digest', (d) => `00${digestInfo(d + 'a5'.repeat(32))}`],
  ['the digest without a DigestInfo', (d) => `00${d}`],
  ['the digest in an OCTET STRING alone', (d) => `00${der('04', d)}`],
  ['nothing after the padding', () => '00'],
  ['an empty digest', () => `00${digestInfo('')}`],
  ['half the digest', (d) => `00${digestInfo(d.slice(0, 32))}`],
  ['the digest without its last byte', (d) => `00${digestInfo(d.slice(0, -2))}`],
  ['a digest of zeros', () => `00${digestInfo('00'.repeat(32))}`],
  ['the digest of nothing', () => `00${digestInfo(hash('sha256', ''))}`],
  ['the digest of the digest', (d) => `00${digestInfo(hash('sha256', d))}`],
  ['the digest, little endian', (d) => `00${digestInfo(reversed(d))}`],
  ['the digest as BIT STRING', (d) => `00${der('30', algorithm + der('03', d))}`],
  ['the digest before its algorithm', (d) => `00${der('30', der('04', d) + algorithm)}`],
  ['the digest in two pieces', (d) => `00${der('30', algorithm + der('24', pieces(d)))}`],
  ['a digest length in long form', (d) => `00${der('30', `${algorithm}048120${d}`)}`],
  ['an indefinite digest length', (d) => `00${der('30', `${algorithm}2480${pieces(d)}0000`)}`],
  ['a SET as DigestInfo', (d) => `00${der('31', content(d))}`],
  ['an outer length in long form', (d) => `00308131${content(d)}`],
  ['an outer length in two bytes', (d) => `0030820031${content(d)}`],
  ['an outer length in a hundred bytes', (d) => `0030e4${'00'.repeat(99)}31${content(d)}`],
  ['an outer length that is too small', (d) => `003030${content(d)}`],
  ['an outer length that is too large', (d) => `003032${content(d)}`],
  ['an indefinite outer length', (d) => `003080${content(d)}0000`],
  ['an inner length in long form', (d) => wrapped(d, `30810d${SHA256}${NULL}`)],
  ['an indefinite inner length', (d) => wrapped(d, `3080${SHA256}${NULL}0000`)],
  ['no parameters', (d) => `00${digestInfo(d, SHA256)}`],
  ['a NULL length in long form', (d) => `00${digestInfo(d, `${SHA256}058100`)}`],
  ['a NULL with content', (d) => `00${digestInfo(d, `${SHA256}0504a5a5a5a5`)}`],
  ['a NULL with 150 bytes of content', (d) => withParameters(d, der('05', 'a5'.repeat(150)))],
  ['garbage as parameters', (d) => withParameters(d, der('04', 'a5'.repeat(100)))],
  ['a zero as parameters', (d) => withParameters(d, '020100')],
  ['an object identifier as parameters', (d) => withParameters(d, SHA256)],
  ['NULL twice', (d) => withParameters(d, NULL + NULL)],
  ['only NULL as algorithm', (d) => `00${digestInfo(d, NULL)}`],
  ['an empty algorithm', (d) => `00${digestInfo(d, '')}`],
  ['the algorithm with a leading 0x80', (d) => withAlgorithm(d, '060a80608648016503040201')],
  ['MD5 as algorithm', (d) => withAlgorithm(d, '06082a864886f70d0205')],
  ['SHA-1 as algorithm', (d) => withAlgorithm(d, '06052b0e03021a')],
  ['SHA-224 as algorithm', (d) => withAlgorithm(d, '0609608648016503040204')],
  ['SHA-384 as algorithm', (d) => withAlgorithm(d, '0609608648016503040202')],
  ['SHA-512 as algorithm', (d) => withAlgorithm(d, '0609608648016503040203')],
  ['SHA-512/256 as algorithm', (d) => withAlgorithm(d, '0609608648016503040206')],
  ['SHA3-256 as algorithm', (d) => withAlgorithm(d, '0609608648016503040208')],
  ['RS256 itself as algorithm', (d) => withAlgorithm(d, '06092a864886f70d01010b')],
];

const algorithm = der('30', SHA256 + NULL);
const content = (digest: string) => algorithm + der('04', digest);
const wrapped = (digest: string, head: string) => `00${der('30', head + der('04', digest))}`;
const withParameters = (digest: string, more: string) => `00${digestInfo(digest, SHA256 + more)}`;
const withAlgorithm = (digest: string, name: string) => `00${digestInfo(digest, name + NULL)}`;
const pieces = (digest: string) => der('04', digest.slice(0, 32)) + der('04', digest.slice(32));
const reversed = (digest: string) => Buffer.from(digest, 'hex').reverse().toString('hex');

function withByte(digest: string, at: number, byte: number): Buffer {
  const block = padded(`00${digestInfo(digest)}`);
  block[at] = byte;
  return block;
}

/** The raw RSA operation: returns the signature whose e-th power is exactly this block. */
const rootOf = (block: Buffer, { key }: Target) =>
  privateEncrypt({ key: privateKeyOf(key), padding: constants.RSA_NO_PADDING }, block);

const forged: Attack[] = [
  ...BLOCKS,
  ...TAILS.map(([title, tail]): (typeof BLOCKS)[number] => [title, (d) => padded(tail(d))]),
].map(([title, block]) => [
  title,
  (target) => {
    const digest = hash('sha256', signingInput(target.good));
    return target.forge({ signature: rootOf(block(digest), target) });
  },
  'bad_signature',
]);

/** Valid signatures by the right key, but with another scheme or hash. */
const SCHEMES: [string, string, object][] = [
  ['RSA with MD5', 'md5', {}],
  ['RSA with SHA-1', 'sha1', {}],
  ['RSA with SHA-224', 'sha224', {}],
  ['RSA with SHA-384', 'sha384', {}],
  ['RSA with SHA-512', 'sha512', {}],
  ['RSA with SHA-512/256', 'sha512-256', {}],
  ['RSA with SHA3-256', 'sha3-256', {}],
  ...[0, 20, 32, 222].map((saltLength): [string, string, object] => [
    `PSS with a salt of ${saltLength} bytes`,
    'sha256',
    { padding: constants.RSA_PKCS1_PSS_PADDING, saltLength },
  ]),
  ['PSS with SHA-384', 'sha384', { padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: 48 }],
];

const otherSchemes = SCHEMES.map(([title, algorithmName, options]): Attack => [
  title,
  (target) => {
    const input = Buffer.from(signingInput(target.good));
    const key = { key: privateKeyOf(target.key), ...options };
    return target.forge({ signature: sign(algorithmName, input, key) });
  },
  'bad_signature',
]);

/** A second signature for one token: the same number modulo n, or encoded in fewer bytes. */
const otherEncodings: Attack[] = [
  [
    's + n in 257 bytes',
    (target) =>
      target.forge({ signature: toBytes(toInteger(target.signature) + modulusOf(target), 257) }),
    'bad_signature',
  ],
  [
    's + n in 256 bytes',
    async (target) => {
      const fits = (s: bigint) => s + modulusOf(target) < 2n ** 2048n;
      const token = await findToken(target, (signature) => fits(toInteger(signature)));
      const signature = toBytes(toInteger(signatureOf(token)) + modulusOf(target));
      return `${signingInput(token)}.${signature.toString('base64url')}`;
    },
    'bad_signature',
  ],
  [
    's without its leading zero',
    async (target) => {
      const token = await findToken(target, (signature) => signature[0] === 0);
      return `${signingInput(token)}.${signatureOf(token).subarray(1).toString('base64url')}`;
    },
    'bad_signature',
  ],
];

/** Signs tokens with different `jti`s until a signature has the property. */
async function findToken(target: Target, fits: (signature: Buffer) => boolean): Promise<string> {
  for (let jti = 0; ; jti++) {
    const token = await target.sign({ claims: { jti: `token ${jti}` } });
    if (fits(signatureOf(token))) return token;
  }
}

const signatureOf = (token: string) => Buffer.from(token.split('.')[2]!, 'base64url');

/** Forged without the private key: the cube of a small number is not reduced modulo n (CVE-2006-4339). */
const cubeRoots = [0, 1, 8, 30].map((paddingBytes): Attack => [
  `a cube root of ${paddingBytes} padding bytes, DigestInfo and garbage`,
  (target) => target.forge({ signature: toBytes(rootOfStart(target.good, paddingBytes)) }),
  'bad_signature',
]);

const cubeRootsOfEnds: Attack[] = [
  [
    'a cube root of padding, garbage and DigestInfo (CVE-2018-15836)',
    (target) => {
      const token = withOddDigest(target);
      const signature = toBytes(rootOfBothEnds(token)).toString('base64url');
      return `${signingInput(token)}.${signature}`;
    },
    'bad_signature',
  ],
];

function rootOfStart(token: string, paddingBytes: number): bigint {
  const tail = `00${digestInfo(hash('sha256', signingInput(token)))}`;
  return cubeRoot(toInteger(filled(`0001${'ff'.repeat(paddingBytes)}${tail}`)));
}

function rootOfBothEnds(token: string): bigint {
  const tail = `00${digestInfo(hash('sha256', signingInput(token)))}`;
  const bits = BigInt(tail.length * 4);
  const root = cubeRoot(toInteger(filled(`0001${'ff'.repeat(28)}`, '7f')));
  return ((root >> bits) << bits) | cubeRootOfEnd(BigInt(`0x${tail}`), bits);
}

function withOddDigest({ forge }: Target): string {
  for (let jti = 0; ; jti++) {
    const token = forge({ claims: { jti: `token ${jti}` } });
    if (/[13579bdf]$/.test(hash('sha256', signingInput(token)))) return token;
  }
}

async function makeKeyWithExponent3(): Promise<TestKey> {
  const pair = await webcrypto.subtle.generateKey(
    {
      name: 'RSASSA-PKCS1-v1_5',
      hash: 'SHA-256',
      modulusLength: 2048,
      publicExponent: new Uint8Array([3]),
    },
    true,
    ['sign', 'verify'],
  );
  const published = { ...(await exportJWK(pair.publicKey)), kid: 'e=3', alg: 'RS256', use: 'sig' };
  return { kid: 'e=3', privateKey: pair.privateKey, publicJwk: published };
}

const everywhere = [...forged, ...otherSchemes, ...otherEncodings];

describeAttacks('a token whose signature has another padding', everywhere);
describeAttacks(
  'a token whose signature has another padding, for a key with exponent 3',
  [...everywhere, ...cubeRoots, ...cubeRootsOfEnds],
  { makeOwnKey: makeKeyWithExponent3 },
);

describe('the forged signatures', () => {
  let target: Target;

  beforeAll(async () => {
    target = await makeTarget({}, await makeKeyWithExponent3());
  });
  afterAll(() => target.close());

  const cubeOf = (root: bigint) => toBytes(root ** 3n).toString('hex');

  it('come from an operation that can also make valid signatures', async () => {
    const block = encodedMessage(signingInput(target.good));
    expect(rootOf(block, target)).toEqual(target.signature);
    expect(await target.judge(target.good)).toBe('accepted');
  });

  it('have cubes that look valid at their start', () => {
    const info = digestInfo(hash('sha256', signingInput(target.good)));
    expect(cubeOf(rootOfStart(target.good, 8))).toMatch(new RegExp(`^0001(ff){8}00${info}`));
  });

  it('have cubes that look valid at both ends', () => {
    const token = withOddDigest(target);
    const info = digestInfo(hash('sha256', signingInput(token)));
    expect(cubeOf(rootOfBothEnds(token))).toMatch(new RegExp(`^0001(ff){28}.*00${info}$`));
  });
});
