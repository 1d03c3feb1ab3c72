import { createHash, sign } from 'node:crypto';
import {
  describeAttacks,
  privateKeyOf,
  signingInput,
  type Attack,
  type Target,
} from './attacks-fixture.js';
import { encodedMessage, modulusOf, toBytes, toInteger } from './rsa-fixture.js';

/** Signatures that are trivial, or not numbers between 2 and n − 2 with the length of the modulus. */
const NUMBERS: [string, (target: Target) => bigint][] = [
  ['0', () => 0n],
  ['1', () => 1n],
  ['2', () => 2n],
  ['n - 1', (target) => modulusOf(target) - 1n],
  ['n', modulusOf],
  ['n + 1', (target) => modulusOf(target) + 1n],
  ['n / 2', (target) => modulusOf(target) / 2n],
  ['n - s', (target) => modulusOf(target) - toInteger(target.signature)],
  ['2^2048 - 1', () => 2n ** 2048n - 1n],
  ['2^2047', () => 2n ** 2047n],
];

const BYTES: [string, (target: Target) => Uint8Array][] = [
  ...NUMBERS.map(([title, number]): [string, (target: Target) => Uint8Array] => [
    `the number ${title}`,
    (target) => toBytes(number(target)),
  ]),
  ...[1, 8, 32, 64, 128, 255, 257, 512].flatMap((length): [string, () => Uint8Array][] => [
    [`${length} bytes of zero`, () => Buffer.alloc(length)],
    [`${length} bytes of 0xff`, () => Buffer.alloc(length, 0xff)],
  ]),
  ['n + s, one byte longer', (target) => longer(modulusOf(target) + toInteger(target.signature))],
  ['2n, one byte longer', (target) => longer(2n * modulusOf(target))],
  ['the signature after a zero byte', ({ signature }) => Buffer.concat([zero, signature])],
  ['the signature before a zero byte', ({ signature }) => Buffer.concat([signature, zero])],
  ['the signature after 256 zero bytes', ({ signature }) => Buffer.concat([many, signature])],
  ['the signature repeated', ({ signature }) => Buffer.concat([signature, signature])],
  ['the signature without its first byte', ({ signature }) => signature.subarray(1)],
  ['the signature without its last byte', ({ signature }) => signature.subarray(0, -1)],
  ['the first half of the signature', ({ signature }) => signature.subarray(0, 128)],
  ['the signature, little endian', ({ signature }) => Buffer.from(signature).reverse()],
  ['the signature with every bit flipped', ({ signature }) => signature.map((byte) => byte ^ 0xff)],
  ['the signature in hex', ({ signature }) => Buffer.from(signature.toString('hex'))],
  ['the signature encoded twice', ({ signature }) => twice(signature)],
  ['the signature in an OCTET STRING', ({ signature }) => Buffer.concat([octets, signature])],
  ['an ECDSA signature of zeros (CVE-2022-21449)', () => Buffer.from('3006020100020100', 'hex')],
  ['the hash itself', ({ good }) => sha256(signingInput(good))],
  [
    'the hash after zeros',
    ({ good }) => Buffer.concat([many.subarray(32), sha256(signingInput(good))]),
  ],
  ['the padded hash itself, as for e = 1', ({ good }) => encodedMessage(signingInput(good))],
  ['the word null', () => Buffer.from('null')],
];

/** Inputs that a faulty signer or verifier could use instead of the signing input. */
const INPUTS: [string, (target: Target) => string][] = [
  ['nothing', () => ''],
  ['only the header', ({ good }) => good.split('.')[0]!],
  ['only the claims', ({ good }) => good.split('.')[1]!],
  ['header and claims without a dot', ({ good }) => signingInput(good).replace('.', '')],
  ['header and claims with a trailing dot', ({ good }) => `${signingInput(good)}.`],
  ['header, claims and a newline', ({ good }) => `${signingInput(good)}\n`],
  ['the decoded claims', ({ claims }) => JSON.stringify(claims)],
  [
    'decoded header and claims',
    ({ header, claims }) => JSON.stringify(header) + JSON.stringify(claims),
  ],
  ['claims and header', ({ good }) => signingInput(good).split('.').reverse().join('.')],
  ['the token in upper case', ({ good }) => signingInput(good).toUpperCase()],
  [
    'the token in UTF-16',
    ({ good }) => Buffer.from(signingInput(good), 'utf16le').toString('latin1'),
  ],
  ['the hash of the token', ({ good }) => sha256(signingInput(good)).toString('latin1')],
];

const zero = Buffer.alloc(1);
const many = Buffer.alloc(256);
const octets = Buffer.from('04820100', 'hex');

const longer = (number: bigint) => toBytes(number, 257);
const twice = (bytes: Buffer) => Buffer.from(bytes.toString('base64url'));
const sha256 = (text: string) => createHash('sha256').update(text).digest();

describeAttacks('a token with an invalid signature', [
  ['an empty signature', ({ forge }) => forge({ signature: '' }), 'malformed'],
  ...BYTES.map(([title, bytes]): Attack => [
    title,
    (target) => target.forge({ signature: bytes(target) }),
    'bad_signature',
  ]),
  ...INPUTS.map(([title, input]): Attack => [
    `a signature by the right key over ${title}`,
    (target) => {
      const bytes = Buffer.from(input(target), 'latin1');
      return target.forge({ signature: sign('sha256', bytes, privateKeyOf(target.key)) });
    },
    'bad_signature',
  ]),
]);
