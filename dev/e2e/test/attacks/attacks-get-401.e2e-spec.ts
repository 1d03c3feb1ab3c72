import { call, type LatchkeyStack, PROTECTED_ROUTES } from '@latchkey/local-stack';
import { TestUser } from '@latchkey/testing';
import {
  createHmac,
  createPublicKey,
  generateKeyPairSync,
  sign,
  type KeyObject,
} from 'node:crypto';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { sharedStack } from '../../src/shared-stack.js';

type Members = Record<string, unknown>;

/** What an attacker has: a user's valid token, the public key set, and a key and a server of their own. */
interface Attacker {
  readonly valid: string;
  readonly header: Members;
  readonly claims: Members;
  readonly signature: string;
  readonly publicKey: KeyObject;
  readonly ownKey: KeyObject;
  readonly ownJwk: Members;
  readonly trap: string;
}

const encode = (value: Members | string) =>
  Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64url');
const decode = (segment: string | undefined) =>
  JSON.parse(Buffer.from(segment ?? '', 'base64url').toString()) as Members;

/** The valid token with other members, under its original signature. */
const forge = ({ header, claims, signature }: Attacker, head: Members, body: Members = {}) =>
  `${encode({ ...header, ...head })}.${encode({ ...claims, ...body })}.${signature}`;

/** The same, signed with the attacker's key. */
function signOwn({ header, claims, ownKey }: Attacker, head: Members, body: Members = {}): string {
  const input = `${encode({ ...header, ...head })}.${encode({ ...claims, ...body })}`;
  return `${input}.${sign('sha256', Buffer.from(input), ownKey).toString('base64url')}`;
}

function hmac({ header, claims }: Attacker, secret: string | Buffer): string {
  const input = `${encode({ ...header, alg: 'HS256' })}.${encode(claims)}`;
  return `${input}.${createHmac('sha256', secret).update(input).digest('base64url')}`;
}

const ATTACKS: readonly (readonly [string, (attacker: Attacker) => string])[] = [
  ...['none', 'None', 'NONE', 'nOnE'].flatMap((alg) => [
    [
      `alg ${alg}, unsigned`,
      ({ claims }: Attacker) => `${encode({ alg, typ: 'at+jwt' })}.${encode(claims)}.`,
    ] as const,
    [
      `alg ${alg}, with the valid signature`,
      (attacker: Attacker) => forge(attacker, { alg }),
    ] as const,
  ]),
  [
    'the public key in PEM as HMAC secret',
    (a) => hmac(a, a.publicKey.export({ type: 'spki', format: 'pem' })),
  ],
  [
    'the public key in DER as HMAC secret',
    (a) => hmac(a, a.publicKey.export({ type: 'spki', format: 'der' })),
  ],
  [
    'the public JWK as HMAC secret',
    (a) => hmac(a, JSON.stringify(a.publicKey.export({ format: 'jwk' }))),
  ],
  ['an empty HMAC secret', (a) => hmac(a, '')],
  ['the HMAC secret "secret"', (a) => hmac(a, 'secret')],
  ['a signature of zeros', (a) => `${a.valid.split('.').slice(0, 2).join('.')}.${'A'.repeat(342)}`],
  ['the valid signature with another subject', (a) => forge(a, {}, { sub: 'root' })],
  [
    'the valid signature with more scopes',
    (a) => forge(a, {}, { scope: 'auth:admin orders:admin' }),
  ],
  ['the valid signature with a later expiry', (a) => forge(a, {}, { exp: 4_000_000_000 })],
  ["the attacker's key under the valid kid", (a) => signOwn(a, {})],
  ["the attacker's key in jwk", (a) => signOwn(a, { jwk: a.ownJwk })],
  [
    "the attacker's key in jwk, without a kid",
    (a) => signOwn(a, { jwk: a.ownJwk, kid: undefined }),
  ],
  ["the attacker's key behind jku", (a) => signOwn(a, { jku: a.trap })],
  ["the attacker's key behind x5u", (a) => signOwn(a, { x5u: a.trap })],
  ["the attacker's certificate in x5c", (a) => signOwn(a, { x5c: ['MIIBIjAN'] })],
  ["the attacker's issuer", (a) => signOwn(a, {}, { iss: a.trap })],
  ...[
    '../../../../dev/null',
    "' OR '1'='1",
    '__proto__',
    'constructor',
    'k'.repeat(3_000),
    '\u0000',
  ].map(
    (kid) =>
      [
        `the kid ${JSON.stringify(kid.slice(0, 30))}`,
        (a: Attacker) => signOwn(a, { kid }),
      ] as const,
  ),
  ['crit', (a) => forge(a, { crit: ['b64'], b64: false })],
  [
    'a nested token',
    (a) => `${encode({ ...a.header, cty: 'JWT' })}.${encode(a.valid)}.${a.signature}`,
  ],
  ['a JWE in five parts', () => `${encode({ alg: 'RSA-OAEP', enc: 'A256GCM' })}.AA.AA.AA.AA`],
  ['another encoding of the valid signature', (a) => otherEncoding(a.valid)],
  ['padding', (a) => `${a.valid}=`],
  [
    'duplicate claims',
    (a) =>
      `${encode(a.header)}.${encode(`{"sub":"root",${JSON.stringify(a.claims).slice(1)}`)}.${a.signature}`,
  ],
  [
    'a claim that pollutes the prototype',
    (a) => forge(a, {}, JSON.parse('{"__proto__":{"scope":"auth:admin"}}') as Members),
  ],
  [
    'deeply nested JSON',
    ({ header, signature }) =>
      `${encode(header)}.${encode(`${'['.repeat(2_000)}${']'.repeat(2_000)}`)}.${signature}`,
  ],
  ['typ JWT', (a) => forge(a, { typ: 'JWT' })],
  ['only dots', () => '..'],
  ['9 KiB', (a) => `${a.valid}${'a'.repeat(9_000)}`],
];

/** Decoders ignore four bits of the last character of a 256-byte signature. */
function otherEncoding(token: string): string {
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
  const last = alphabet.indexOf(token.at(-1)!);
  return token.slice(0, -1) + alphabet[last ^ 1]!;
}

/** Attacks are answered with 401, or 400 for an unusable header, and never with 5xx. */
describe('an attack with a token', () => {
  let stack: LatchkeyStack;
  let attacker: Attacker;
  let trap: Server;
  let trapped = 0;

  beforeAll(async () => {
    stack = await sharedStack();
    trap = createServer((_, response) => {
      trapped++;
      response.end('{"keys":[]}');
    }).listen(0, '127.0.0.1');
    const { access_token: valid } = await (await TestUser.register(stack.issuer)).logIn();
    const [head, body, signature = ''] = valid.split('.');
    const { body: keySet } = await call(`${stack.issuer}/.well-known/jwks.json`);
    const header = decode(head);
    const jwk = (keySet as { keys: Members[] }).keys.find(({ kid }) => kid === header['kid'])!;
    const own = generateKeyPairSync('rsa', { modulusLength: 2048 });
    attacker = {
      valid,
      header,
      claims: decode(body),
      signature,
      publicKey: createPublicKey({ key: jwk, format: 'jwk' }),
      ownKey: own.privateKey,
      ownJwk: { ...own.publicKey.export({ format: 'jwk' }), kid: 'own', alg: 'RS256', use: 'sig' },
      trap: `http://127.0.0.1:${(trap.address() as AddressInfo).port}`,
    };
  });
  afterAll(() => {
    trap.close();
  });

  const protectedUrls = () => [
    ...Object.entries(PROTECTED_ROUTES).map(
      ([name, path]) => stack.replicas[name as keyof typeof PROTECTED_ROUTES].url + path,
    ),
    `${stack.issuer}/sessions`,
  ];

  it('would succeed with the original token', async () => {
    for (const url of protectedUrls()) {
      expect((await call(url, { token: attacker.valid })).status).toBe(200);
    }
  });

  it.each(ATTACKS)('is answered with 401 by every service: %s', async (_, make) => {
    const token = make(attacker);
    expect(token).not.toBe(attacker.valid);
    for (const url of protectedUrls()) {
      const { status, headers, body } = await call(url, { token });
      expect(status).toBe(401);
      expect(headers.get('www-authenticate')).toBe('Bearer error="invalid_token"');
      expect(body).toMatchObject({ code: 'invalid_token' });
    }
  });

  it.each([
    ['two tokens', 'Bearer a b', 400],
    ['a list of tokens', 'Bearer a, Bearer b', 400],
    ['another scheme', 'Basic YTpi', 401],
    ['the scheme alone', 'Bearer', 401],
  ])(
    'is answered with 4xx by every service for an unusable header: %s',
    async (_, authorization, status) => {
      for (const url of protectedUrls()) {
        const response = await fetch(url, { headers: { authorization } });
        expect(response.status).toBe(status);
        await response.text();
      }
    },
  );

  it('made no service fetch a URL from the token', () => {
    expect(trapped).toBe(0);
  });

  it('did not affect the original token', async () => {
    for (const url of protectedUrls()) {
      expect((await call(url, { token: attacker.valid })).status).toBe(200);
    }
  });
});
