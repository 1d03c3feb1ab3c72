import { readFileSync } from 'node:fs';
import {
  compactVerify,
  decodeProtectedHeader,
  flattenedVerify,
  type FlattenedJWSInput,
  type GeneralJWS,
  type JWK,
} from 'jose';
import { decodeToken, findTokens, judgeToken, readKeys, type Judgement } from '../src/index.js';
import { NOW } from './making-tokens.js';

interface Example {
  readonly name: string;
  readonly jwk: JWK;
  readonly token: string;
  readonly json?: string;
  readonly flattened?: string;
}

/** A token that has no compact form, or that nobody accepts. */
interface OtherExample {
  readonly name: string;
  readonly keys: readonly JWK[];
  readonly value: string | FlattenedJWSInput | GeneralJWS;
}

/** A JWE: the header is all that can be read of it. */
interface EncryptedExample {
  readonly name: string;
  readonly value: string | Serialization;
}

interface Serialization {
  readonly protected?: string;
  readonly unprotected?: object;
  readonly header?: object;
  readonly recipients?: readonly { readonly header?: object }[];
}

interface Group {
  readonly comment: string;
  readonly jwk: JWK;
  readonly tests: readonly {
    readonly tcId: number;
    readonly comment: string;
    readonly jws: string;
    readonly result: string;
  }[];
}

const read = (path: string): unknown =>
  JSON.parse(readFileSync(new URL(path, import.meta.url), 'utf8'));
const { examples, others, encrypted } = read('vectors/rfc-examples.json') as {
  examples: Example[];
  others: OtherExample[];
  encrypted: EncryptedExample[];
};
const groups = [
  'vectors/wycheproof-json-web-signature-other.json',
  '../../verifier/test/attacks/vectors/wycheproof-json-web-signature-rsa.json',
].flatMap((path) => (read(path) as { testGroups: Group[] }).testGroups);

async function judge(text: string, jwk: JWK): Promise<Judgement> {
  const { keys } = await readKeys(JSON.stringify(jwk));
  return judgeToken(decodeToken(text), { keys, now: NOW });
}

/** The payloads are any bytes, and not claims. */
const ABOUT_CLAIMS = ['claims', 'json', 'expiry'];

/** All that is about the signature rather than about claims, which these payloads do not have. */
const isAuthentic = ({ checks }: Judgement): boolean =>
  checks.some(({ rule, state }) => rule === 'signature' && state === 'passed') &&
  checks.every(({ rule, state }) => ABOUT_CLAIMS.includes(rule) || state !== 'failed');

/** What is said of each signature of an example, which may be a JWT only because it is not compact. */
async function judgeEach({ value, keys }: OtherExample): Promise<boolean[]> {
  const text = typeof value === 'string' ? value : JSON.stringify(value, null, 2);
  const read = await readKeys(JSON.stringify({ keys }));
  const tokens = findTokens(text).tokens.map(({ token }) => decodeToken(token));
  return Promise.all(
    tokens.map(async (token) => {
      const form = token.faults.findIndex(({ code }) => code === 'json_serialization');
      const faults = token.faults.filter((_, index) => index !== form);
      return isAuthentic(await judgeToken({ ...token, faults }, { keys: read.keys, now: NOW }));
    }),
  );
}

/** What jose says of each signature, with each key. */
async function joseAcceptsEach({ value, keys }: OtherExample): Promise<boolean[]> {
  if (typeof value === 'string') return [await anyOf(keys, (key) => compactVerify(value, key))];
  const { signatures = [value], ...rest } = value as GeneralJWS;
  return Promise.all(
    signatures.map((signature) =>
      anyOf(keys, (key) => flattenedVerify({ ...signature, ...rest } as FlattenedJWSInput, key)),
    ),
  );
}

async function anyOf(keys: readonly JWK[], verify: (key: JWK) => Promise<unknown>) {
  const results = await Promise.allSettled(keys.map(verify));
  return results.some(({ status }) => status === 'fulfilled');
}

/** Whether jose accepts the signature. */
async function joseAccepts(jws: string, jwk: JWK): Promise<boolean> {
  try {
    await compactVerify(jws, jwk);
    return true;
  } catch {
    return false;
  }
}

describe('the examples in the RFCs', () => {
  it.each(examples)('have a good signature, as jose says: $name', async ({ jwk, token }) => {
    const judgement = await judge(token, jwk);
    expect([isAuthentic(judgement), await joseAccepts(token, jwk)]).toEqual([true, true]);
    expect(judgement.verdict).toBe('invalid'); // expired in 2011, or without claims
    const [head, body, tail] = token.split('.');
    expect(isAuthentic(await judge(`${head}.${body}A.${tail}`, jwk))).toBe(false);
  });

  it.each(examples.filter(({ json }) => json))(
    'are recognized in JSON serialization: $name',
    async ({ jwk, json = '', flattened = '' }) => {
      for (const text of [json, flattened]) {
        const { checks } = await judge(findTokens(text).tokens[0]?.token ?? '', jwk);
        const stateOf = (name: string) => checks.find(({ rule }) => rule === name)?.state;
        expect([stateOf('signature'), stateOf('structure')]).toEqual(['passed', 'failed']);
      }
    },
  );

  it.each(others)('are judged as jose does, signature by signature: $name', async (example) => {
    const authentic = await judgeEach(example);
    expect(authentic).toEqual(await joseAcceptsEach(example));
    expect(authentic).toEqual(authentic.map(() => !REJECTED.test(example.name)));
  });

  it.each(encrypted)('are encrypted, with the header that jose reads: $name', async ({ value }) => {
    const text = typeof value === 'string' ? value : JSON.stringify(value);
    const token = decodeToken(findTokens(text).tokens[0]?.token ?? '');
    const { verdict, checks } = await judgeToken(token, { now: NOW });
    expect(token.header).toEqual(headerIn(value));
    expect(verdict).toBe(typeof value === 'string' ? 'encrypted' : 'invalid');
    expect(checks.filter(({ state }) => state === 'failed').map(({ rule }) => rule)).toEqual(
      typeof value === 'string' ? [] : ['structure'],
    );
  });

  it('are valid at the time they were made for', async () => {
    const [{ jwk, token }] = examples as [Example];
    const { keys } = await readKeys(JSON.stringify(jwk));
    const now = new Date(1_300_819_379_000);
    expect((await judgeToken(decodeToken(token), { keys, now })).verdict).toBe('valid');
  });
});

/** Without a signature, with the payload elsewhere, or with an extension that is not listed as critical. */
const REJECTED = /A\.5|4\.5, |without crit|detached/;

/** All parts of the header, of which jose reads the protected one. */
function headerIn(value: EncryptedExample['value']): object {
  if (typeof value === 'string') return decodeProtectedHeader(value);
  const { unprotected, header, recipients } = value;
  return {
    ...(value.protected && decodeProtectedHeader(value)),
    ...unprotected,
    ...(header ?? recipients?.[0]?.header),
  };
}

/** Tokens that jose accepts, as it skips white space and bits that are unused (RFC 7515 §2 allows neither). */
const ONLY_JOSE = [
  'rejectsSpacesInMac',
  'spacesInHeader',
  'spacesInPayload',
  'MacOfIncorrectlyEncodedMessage',
];

/** Where both differ from Wycheproof. */
const NEITHER: Readonly<Record<string, string>> = {
  'ES521 Figure27': 'the key is for the algorithm ES521, which does not exist',
  'PS256 Figure20': 'the key is for PS256, but the token names PS384',
  invalidBase64Padding: 'the padding is missing, as RFC 7515 §2 demands',
  invalidBase64PaddingInPayload: 'the padding is missing, as RFC 7515 §2 demands',
  InvalidCharacterInsertedInHeader: 'RFC 4648 §3.3 demands that it is rejected',
  InvalidCharacterInsertedInPayload: 'RFC 4648 §3.3 demands that it is rejected',
};

describe('the Wycheproof JSON Web Signatures', () => {
  const rows = groups.flatMap(({ jwk, tests }) =>
    tests.map(({ tcId, comment, jws, result }) => ({
      title: `${tcId} ${jwk.alg ?? jwk.kty} ${comment}`,
      ...{ jwk, jws, result },
    })),
  );

  it('are complete', () => expect(rows).toHaveLength(401));

  it.each(rows)('are judged as jose does: $title', async ({ title, jwk, jws, result }) => {
    const authentic = isAuthentic(await judge(jws, jwk));
    const name = title.replace(/^\d+ /, '');
    const onlyJose = ONLY_JOSE.includes(name.replace(/^\S+ /, ''));
    expect(await joseAccepts(jws, jwk)).toBe(onlyJose || authentic);
    if (onlyJose) expect(authentic).toBe(false);
    const isKnown = name in NEITHER || name.replace(/^\S+ /, '') in NEITHER;
    expect(authentic).toBe((result === 'valid') !== isKnown);
  });
});
