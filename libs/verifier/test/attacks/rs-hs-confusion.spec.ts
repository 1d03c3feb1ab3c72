import { createHmac, createPublicKey, type JsonWebKey, type KeyObject } from 'node:crypto';
import { describeAttacks, signingInput, type Attack, type Target } from './attacks-fixture.js';

/** Encodings of the public key that a verifier could mistake for an HMAC secret (CVE-2015-9235, CVE-2016-10555). */
const SECRETS: [string, (target: Target) => string | Buffer][] = [
  ['SPKI PEM', (target) => pem(target, 'spki')],
  ['SPKI PEM without the last newline', (target) => pem(target, 'spki').trimEnd()],
  ['SPKI PEM with CRLF', (target) => crlf(pem(target, 'spki'))],
  ['SPKI PEM with CRLF, without the last one', (target) => crlf(pem(target, 'spki')).trimEnd()],
  ['SPKI PEM with two final newlines', (target) => `${pem(target, 'spki')}\n`],
  ['SPKI PEM with escaped newlines', (target) => pem(target, 'spki').replaceAll('\n', '\\n')],
  ['SPKI PEM on one line', (target) => pem(target, 'spki').replaceAll('\n', '')],
  ['SPKI PEM body', (target) => body(pem(target, 'spki'))],
  ['SPKI PEM body on one line', (target) => body(pem(target, 'spki')).replaceAll('\n', '')],
  ['SPKI DER', (target) => der(target, 'spki')],
  ['SPKI DER in base64url', (target) => der(target, 'spki').toString('base64url')],
  ['SPKI DER in hex', (target) => der(target, 'spki').toString('hex')],
  ['PKCS1 PEM', (target) => pem(target, 'pkcs1')],
  ['PKCS1 PEM without the last newline', (target) => pem(target, 'pkcs1').trimEnd()],
  ['PKCS1 PEM with CRLF', (target) => crlf(pem(target, 'pkcs1'))],
  ['PKCS1 PEM on one line', (target) => pem(target, 'pkcs1').replaceAll('\n', '')],
  ['PKCS1 PEM body', (target) => body(pem(target, 'pkcs1'))],
  ['PKCS1 PEM body on one line', (target) => body(pem(target, 'pkcs1')).replaceAll('\n', '')],
  ['PKCS1 DER', (target) => der(target, 'pkcs1')],
  ['PKCS1 DER in base64url', (target) => der(target, 'pkcs1').toString('base64url')],
  ['PKCS1 DER in hex', (target) => der(target, 'pkcs1').toString('hex')],
  ['JWK as published', ({ key }) => JSON.stringify(key.publicJwk)],
  ['JWK indented', ({ key }) => JSON.stringify(key.publicJwk, null, 2)],
  ['the input of the JWK thumbprint', ({ key }) => thumbprintInput(key.publicJwk)],
  [
    'JWK in base64url',
    ({ key }) => Buffer.from(JSON.stringify(key.publicJwk)).toString('base64url'),
  ],
  ['key set as published', ({ issuer }) => JSON.stringify(issuer.jwks())],
  ['n in base64url', (target) => modulus(target).toString('base64url')],
  ['n in base64', (target) => modulus(target).toString('base64')],
  ['n in hex', (target) => modulus(target).toString('hex')],
  ['n in upper-case hex', (target) => modulus(target).toString('hex').toUpperCase()],
  ['n in decimal', (target) => BigInt(`0x${modulus(target).toString('hex')}`).toString()],
  ['n as bytes', modulus],
  ['n as bytes after a zero', (target) => Buffer.concat([Buffer.alloc(1), modulus(target)])],
  ['n as bytes, little endian', (target) => Buffer.from(modulus(target)).reverse()],
  ['e in base64url', () => 'AQAB'],
  ['e as bytes', () => Buffer.from([1, 0, 1])],
];

const attacks = SECRETS.flatMap(([title, secret]): Attack[] => [
  ...['HS256', 'HS384', 'HS512'].map((alg): Attack => [
    `${alg} with the secret: ${title}`,
    (target) => withHmac(target, alg, secret(target)),
    'wrong_algorithm',
  ]),
  [
    `an HMAC labelled RS256 with the secret: ${title}`,
    (target) => withHmac(target, 'RS256', secret(target)),
    'bad_signature',
  ],
]);

function withHmac(target: Target, alg: string, secret: string | Buffer): string {
  const input = signingInput(target.forge({ header: { alg } }));
  const hmac = createHmac(`sha${alg.slice(2)}`, secret).update(input);
  return `${input}.${hmac.digest('base64url')}`;
}

const publicKey = ({ key }: Target): KeyObject =>
  createPublicKey({ key: key.publicJwk as JsonWebKey, format: 'jwk' });

const pem = (target: Target, type: 'spki' | 'pkcs1') =>
  publicKey(target).export({ type, format: 'pem' }).toString();

const der = (target: Target, type: 'spki' | 'pkcs1') =>
  publicKey(target).export({ type, format: 'der' });

const crlf = (text: string) => text.replaceAll('\n', '\r\n');

const body = (text: string) => text.replaceAll(/-----[^-]+-----\n/g, '');

const thumbprintInput = ({ e, kty, n }: { e?: string; kty?: string; n?: string }) =>
  JSON.stringify({ e, kty, n });

function modulus({ key }: Target): Buffer {
  return Buffer.from(String(key.publicJwk.n), 'base64url');
}

describeAttacks('a token with an HMAC keyed with the public key', attacks);
