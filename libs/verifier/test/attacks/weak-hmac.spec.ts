import { createHmac } from 'node:crypto';
import { describeAttacks, signingInput, type Attack, type Target } from './attacks-fixture.js';

const SECRETS: [string, (target: Target) => string | Buffer][] = [
  ...[
    'secret',
    'Secret',
    'password',
    '123456',
    'changeme',
    'key',
    'test',
    'jwt',
    'your-256-bit-secret',
    'a-string-secret-at-least-256-bits-long',
    'secretOrPrivateKey',
    'null',
    'undefined',
    'none',
    'RS256',
    'latchkey',
    'orders',
  ].map((word): [string, () => string] => [JSON.stringify(word), () => word]),
  ['an empty string', () => ''],
  ['one zero byte', () => Buffer.alloc(1)],
  ['32 zero bytes', () => Buffer.alloc(32)],
  ['64 zero bytes', () => Buffer.alloc(64)],
  ['the kid', ({ key }) => key.kid],
  ['the decoded kid', ({ key }) => Buffer.from(key.kid, 'base64url')],
  ['the issuer', ({ issuer }) => issuer.issuer],
  ['the client ID', ({ claims }) => String(claims['client_id'])],
  ['the subject', ({ claims }) => String(claims['sub'])],
  ['the jti', ({ claims }) => String(claims['jti'])],
  ['the token itself', ({ good }) => good],
];

const attacks = SECRETS.flatMap(([title, secret]) =>
  ['HS256', 'HS384', 'HS512', 'RS256'].map((alg): Attack => [
    `an HMAC labelled ${alg} with the secret ${title}`,
    (target) => withHmac(target, alg, secret(target)),
    alg === 'RS256' ? 'bad_signature' : 'wrong_algorithm',
  ]),
);

function withHmac(target: Target, alg: string, secret: string | Buffer): string {
  const input = signingInput(target.forge({ header: { alg } }));
  const hmac = createHmac(`sha${alg.slice(2)}`, secret).update(input);
  return `${input}.${hmac.digest('base64url')}`;
}

describeAttacks('a token with an HMAC whose secret can be guessed', attacks);
