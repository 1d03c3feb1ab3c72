import { makeFixture, type Fixture } from '../verifier-fixture.js';
import {
  ACCESS_TOKENS_ONLY,
  describeAttacks,
  makeTarget,
  type Attack,
  type Target,
} from './attacks-fixture.js';

/** Required members, supplied through the prototype instead. */
const INHERITED: [half: 'header' | 'claims', name: string, code: Attack[2]][] = [
  ['header', 'alg', 'malformed'],
  ['header', 'typ', 'malformed'],
  ['header', 'kid', 'malformed'],
  ['claims', 'iss', 'untrusted_issuer'],
  ['claims', 'aud', 'invalid_claims'],
  ['claims', 'sub', 'invalid_claims'],
  ['claims', 'exp', 'invalid_claims'],
  ['claims', 'iat', 'invalid_claims'],
  ['claims', 'jti', 'invalid_claims'],
];

const WAYS: [string, (member: string) => string][] = [
  ['__proto__', (member) => `"__proto__":{${member}}`],
  ['__proto__ written with an escape', (member) => `"\\u005f_proto__":{${member}}`],
  ['constructor.prototype', (member) => `"constructor":{"prototype":{${member}}}`],
  ['the prototype of the prototype', (member) => `"__proto__":{"__proto__":{${member}}}`],
  ['a list as prototype', (member) => `"__proto__":[{${member}}]`],
];

const inheritedFrom = (members: typeof INHERITED) =>
  members.flatMap(([half, name, code]) =>
    WAYS.map(([title, way]): Attack => [
      `${name} through ${title}`,
      (target) => {
        const { [name]: value, ...rest } = target[half];
        const member = `"${name}":${JSON.stringify(value)}`;
        return target.sign({ [half]: `{${way(member)},${JSON.stringify(rest).slice(1)}` });
      },
      code,
    ]),
  );

const whole = WAYS.map(([title, way]): Attack => [
  `all claims through ${title}`,
  ({ sign, claims }) => sign({ claims: `{${way(JSON.stringify(claims).slice(1, -1))}}` }),
  'untrusted_issuer',
]);

const actors: Attack[] = [
  [
    'the subject of an actor through __proto__',
    ({ sign, claims }) =>
      sign({ claims: `{"act":{"__proto__":{"sub":"a"}},${JSON.stringify(claims).slice(1)}` }),
    'invalid_claims',
  ],
];

describeAttacks('a token with required members in a prototype', [
  ...inheritedFrom(INHERITED),
  ...whole,
]);

describeAttacks(
  'a token with its client or an actor in a prototype',
  [...inheritedFrom([['claims', 'client_id', 'invalid_claims']]), ...actors],
  {},
  ACCESS_TOKENS_ONLY,
);

describe('a valid token with a prototype', () => {
  let target: Target;
  let fixture: Fixture;
  const before = Object.getOwnPropertyNames(Object.prototype);

  beforeAll(async () => {
    target = await makeTarget();
    const { issuer } = target;
    fixture = await makeFixture({ keys: () => Promise.resolve(issuer.jwks()) });
  });
  afterAll(() => {
    target.close();
    fixture.verifier.close();
  });

  it.each(WAYS)('neither pollutes objects nor gains rights: %s', async (_, way) => {
    const evil = '"scope":"admin","act":{"sub":"admin"},"polluted":true,"nbf":0,"crit":["x"]';
    const header = `{${way(evil)},${JSON.stringify(target.header).slice(1)}`;
    const rest = JSON.stringify({ ...target.claims, scope: undefined });
    const claims = `{${way(evil)},${rest.slice(1)}`;
    const principal = await fixture.verifier.verify(await target.sign({ header, claims }));
    expect(principal.scopes.size).toBe(0);
    expect(principal.actor).toBeUndefined();
    expect(principal.notBefore).toBeUndefined();
    expect(Object.getPrototypeOf(principal)).toBe(Object.prototype);
    expect(Object.getOwnPropertyNames(Object.prototype)).toEqual(before);
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
  });

  it.each(['__proto__', 'constructor', 'toString', 'hasOwnProperty'])(
    'may contain %s as the value of its claims',
    async (name) => {
      const token = await target.sign({ claims: { sub: name, jti: name, sid: name, scope: name } });
      const principal = await fixture.verifier.verify(token);
      expect(principal).toMatchObject({ subject: name, tokenId: name, sessionId: name });
      expect([...principal.scopes]).toEqual([name]);
    },
  );
});
