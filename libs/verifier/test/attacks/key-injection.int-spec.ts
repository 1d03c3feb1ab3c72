import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { makeIssuer, type TestIssuer } from '@latchkey/testing';
import { createVerifier, type Verifier } from '../../src/index.js';
import { judge } from '../verifier-fixture.js';

/**
 * The token contains a key, or the URL of one (CVE-2018-0114, RFC 8725 §3.10). One server plays both the
 * issuer and the attacker, so that a single list records all requests.
 */
interface Scene {
  readonly origin: string;
  readonly issuer: TestIssuer;
  readonly attacker: TestIssuer;
  readonly verifier: Verifier;
}

type Members = (scene: Scene) => Record<string, unknown>;
type Case = [title: string, members: Members];

const KEY_SET = '/.well-known/jwks.json';
const CERTIFICATE = 'MIIBszCCAVmgAwIBAgIUQmFkQ2VydGlmaWNhdGU=';
const jwkOf = ({ attacker }: Scene) => attacker.keys[0]!.publicJwk;

const EMBEDDED: Case[] = [
  ['jwk', (scene) => ({ jwk: jwkOf(scene) })],
  ['jwk with our kid', (scene) => ({ jwk: { ...jwkOf(scene), kid: scene.issuer.keys[0]!.kid } })],
  ['jwk with our own key', ({ issuer }) => ({ jwk: issuer.keys[0]!.publicJwk })],
  ['jwk as a string', (scene) => ({ jwk: JSON.stringify(jwkOf(scene)) })],
  ['jwk of a symmetric key', () => ({ jwk: { kty: 'oct', k: 'AAAA' } })],
  ['jwk null', () => ({ jwk: null })],
  ['jwk in an array', (scene) => ({ jwk: [jwkOf(scene)] })],
  ['x5c', () => ({ x5c: [CERTIFICATE] })],
  ['x5c of three certificates', () => ({ x5c: [CERTIFICATE, CERTIFICATE, CERTIFICATE] })],
  ['x5c as a string', () => ({ x5c: CERTIFICATE })],
  ['x5c in PEM', () => ({ x5c: [`-----BEGIN CERTIFICATE-----\n${CERTIFICATE}\n-----END`] })],
  ['x5c empty', () => ({ x5c: [] })],
  ['x5c null', () => ({ x5c: null })],
];

/** URLs that bypass filters by prefix, suffix, host or scheme. */
const URLS: [string, (scene: Scene) => unknown][] = [
  ["the attacker's key set", ({ origin }) => `${origin}/evil`],
  ["the issuer's own key set", ({ origin }) => `${origin}/.well-known/jwks.json`],
  ['a path below the issuer', ({ origin }) => `${origin}/.well-known/jwks.json/../../evil`],
  ['an encoded path below the issuer', ({ origin }) => `${origin}/.well-known%2f..%2f..%2fevil`],
  ['the issuer as the user name', ({ origin }) => origin.replace('//', '//issuer.test@') + '/evil'],
  [
    'the issuer in the query string',
    ({ origin }) => `${origin}/evil?https://issuer.test/jwks.json`,
  ],
  ['the issuer in the fragment', ({ origin }) => `${origin}/evil#https://issuer.test/jwks.json`],
  ['an open redirect', ({ origin }) => `${origin}/redirect?to=/evil`],
  ['no scheme', ({ origin }) => `${origin.replace('http:', '')}/evil`],
  ['a scheme in capitals', ({ origin }) => `${origin.replace('http', 'HTTP')}/evil`],
  ['localhost as its host', ({ origin }) => `${origin.replace('127.0.0.1', 'localhost')}/evil`],
  ['its host as a number', ({ origin }) => `${origin.replace('127.0.0.1', '2130706433')}/evil`],
  ['spaces around it', ({ origin }) => ` ${origin}/evil `],
  ['a file URL', () => 'file:///etc/passwd'],
  ['a data URL', (scene) => `data:application/json,${JSON.stringify({ keys: [jwkOf(scene)] })}`],
  ['an array', ({ origin }) => [`${origin}/evil`]],
  ['an object', ({ origin }) => ({ url: `${origin}/evil` })],
  ['an empty string', () => ''],
  ['null', () => null],
];

const REFERENCED: Case[] = ['jku', 'x5u'].flatMap((member) =>
  URLS.map(([title, url]): Case => [
    `${member} with ${title}`,
    (scene) => ({ [member]: url(scene) }),
  ]),
);

/** Similar members, which a verifier ignores. */
const LOOKALIKES: [...Case, code: string][] = [
  ['JKU', ({ origin }) => ({ JKU: `${origin}/evil` }), 'unknown_key'],
  ['jwks_uri', ({ origin }) => ({ jwks_uri: `${origin}/evil` }), 'unknown_key'],
  ['jwks', ({ attacker }) => ({ jwks: attacker.jwks() }), 'unknown_key'],
  ['key', (scene) => ({ key: jwkOf(scene) }), 'unknown_key'],
  ['iss in the header', ({ origin }) => ({ iss: origin }), 'unknown_key'],
  ['x5t', () => ({ x5t: 'AAAA', 'x5t#S256': 'AAAA' }), 'unknown_key'],
  ['a kid that is a URL', ({ origin }) => ({ kid: `${origin}/evil` }), 'unknown_key'],
  ['our kid', ({ issuer }) => ({ kid: issuer.keys[0]!.kid }), 'bad_signature'],
  [
    'jwk in the prototype',
    (scene) => JSON.parse(`{"__proto__":{"jwk":${JSON.stringify(jwkOf(scene))}}}`) as never,
    'unknown_key',
  ],
];

describe('a key that the token supplies', () => {
  let server: Server;
  let scene: Scene;
  const requested: string[] = [];
  /** The only requests: one by the verifier for the trusted key set, and one by the test. */
  const expected = [KEY_SET, '/evil?seen'];

  beforeAll(async () => {
    server = createServer((request, response) => {
      requested.push(String(request.url));
      const { issuer, attacker } = scene;
      const keys = request.url === KEY_SET ? issuer.jwks() : attacker.jwks();
      response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(keys));
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const verifier = createVerifier({
      issuer: origin,
      audience: 'orders',
      revocations: 'ignore',
      keySet: { cooldownSeconds: 3600 },
    });
    scene = {
      origin,
      issuer: await makeIssuer({ issuer: origin }),
      attacker: await makeIssuer({ issuer: origin }),
      verifier,
    };
    expect(await judge(verifier, await scene.issuer.makeToken())).toBe('accepted');
  });
  afterAll(async () => {
    scene.verifier.close();
    server.close();
    server.closeAllConnections();
    await once(server, 'close');
  });

  it('would show in the list of requests if it were fetched', async () => {
    const answer = await fetch(`${scene.origin}/evil?seen`);
    expect(await answer.json()).toEqual(scene.attacker.jwks());
    expect(requested).toEqual(expected);
  });

  it.each([...EMBEDDED, ...REFERENCED])(
    "is rejected with the attacker's signature, and nothing is fetched: %s",
    async (_, members) => {
      const token = await scene.attacker.makeToken({ header: members(scene) });
      expect(await judge(scene.verifier, token)).toBe('unsupported_header');
      expect(requested).toEqual(expected);
    },
  );

  it.each([...EMBEDDED, ...REFERENCED])(
    'is rejected with a valid signature, and nothing is fetched: %s',
    async (_, members) => {
      const token = await scene.issuer.makeToken({ header: members(scene) });
      expect(await judge(scene.verifier, token)).toBe('unsupported_header');
      expect(requested).toEqual(expected);
    },
  );

  it.each(['jwk', 'jku', 'x5u', 'x5c'])(
    'is rejected if an escape hides the name of its member, and nothing is fetched: %s',
    async (member) => {
      const { header, claims } = decoded(await scene.attacker.makeToken());
      const code = member.charCodeAt(0).toString(16).padStart(4, '0');
      const hidden = `{"\\u${code}${member.slice(1)}":"${scene.origin}/evil",${header.slice(1)}`;
      const token = `${Buffer.from(hidden).toString('base64url')}.${claims}.AAAA`;
      expect(await judge(scene.verifier, token)).toBe('unsupported_header');
      expect(requested).toEqual(expected);
    },
  );

  it.each(LOOKALIKES)('is neither used nor fetched: %s', async (_, members, code) => {
    const token = await scene.attacker.makeToken({ header: members(scene) });
    expect(await judge(scene.verifier, token)).toBe(code);
    expect(requested).toEqual(expected);
  });

  it.each<[string, (origin: string) => unknown]>([
    ['the issuer with a path', (origin) => `${origin}/evil`],
    ['the issuer with a slash', (origin) => `${origin}/`],
    ['an array', (origin) => [origin]],
  ])('is not fetched from an untrusted iss: %s', async (_, iss) => {
    const token = await scene.attacker.makeToken({ claims: { iss: iss(scene.origin) } });
    expect(await judge(scene.verifier, token)).toBe('untrusted_issuer');
    expect(requested).toEqual(expected);
  });

  it('does not affect valid tokens of the issuer', async () => {
    expect(await judge(scene.verifier, await scene.issuer.makeToken())).toBe('accepted');
  });

  it('causes no late request', async () => {
    await fetch(`${scene.origin}/end`);
    expect(requested).toEqual([...expected, '/end']);
  });
});

function decoded(token: string): { header: string; claims: string } {
  const [header = '', claims = ''] = token.split('.');
  return { header: Buffer.from(header, 'base64url').toString(), claims };
}
