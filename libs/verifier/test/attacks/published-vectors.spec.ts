import { readFileSync } from 'node:fs';
import { splitCompactJws } from '../../src/jws/compact-jws.js';
import { createVerifier, TokenError } from '../../src/index.js';
import { importVerificationKey, type VerificationKey } from '../../src/keys/verification-key.js';
import { judge } from '../verifier-fixture.js';

type Result = 'valid' | 'invalid' | 'acceptable';
type Jwk = Readonly<Record<string, unknown>>;

interface SignatureTest {
  readonly tcId: number;
  readonly comment: string;
  readonly flags: readonly string[];
  /** Hexadecimal. */
  readonly msg: string;
  /** Hexadecimal. */
  readonly sig: string;
  readonly result: Result;
}

interface JwsTest {
  readonly tcId: number;
  readonly comment: string;
  readonly jws: string;
  readonly result: Result;
}

interface Groups<Test> {
  readonly testGroups: readonly { readonly jwk: Jwk; readonly tests: readonly Test[] }[];
}

const read = (name: string): unknown =>
  JSON.parse(readFileSync(new URL(`vectors/${name}`, import.meta.url), 'utf8'));

const signatures = read('wycheproof-rsa-pkcs1-2048-sha256.json') as Groups<SignatureTest>;
const tokens = read('wycheproof-json-web-signature-rsa.json') as Groups<JwsTest>;
const { examples } = read('rfc-examples.json') as {
  examples: { readonly name: string; readonly jwk: Jwk; readonly token: string }[];
};

/** Imports the key as the verifier does; undefined if the verifier ignores it. */
function keyOf(jwk: Jwk): VerificationKey | undefined {
  const key = importVerificationKey({ kid: 'none', ...jwk });
  return 'reason' in key ? undefined : key;
}

describe('the Wycheproof signatures for RSA PKCS#1 v1.5 with SHA-256', () => {
  const rows = signatures.testGroups.flatMap(({ jwk, tests }) =>
    tests.map((test): [string, Jwk, SignatureTest] => [
      `${test.tcId} ${[test.comment, ...test.flags].join(', ')}`,
      jwk,
      test,
    ]),
  );

  it('are complete', () => {
    expect(rows).toHaveLength(259);
  });

  it.each(rows.filter(([, , { result }]) => result === 'valid'))(
    'are accepted: %s',
    (_, jwk, test) => {
      expect(verifies(jwk, test)).toBe(true);
    },
  );

  it.each(rows.filter(([, , { result }]) => result === 'invalid'))(
    'are rejected: %s',
    (_, jwk, test) => {
      expect(verifies(jwk, test)).toBe(false);
    },
  );

  // 'acceptable' means that implementations may differ. RFC 8017 §9.2 allows only one encoding.
  it.each(rows.filter(([, , { result }]) => result === 'acceptable'))(
    'are rejected if Wycheproof allows either result: %s',
    (_, jwk, test) => {
      expect(test.flags).toEqual(['MissingNull']);
      expect(verifies(jwk, test)).toBe(false);
    },
  );

  function verifies(jwk: Jwk, { msg, sig }: SignatureTest): boolean | undefined {
    const input = Buffer.from(msg, 'hex').toString('latin1');
    return keyOf(jwk)?.verifies(input, Buffer.from(sig, 'hex'));
  }
});

/** Checks what the verifier checks before it reads the claims, because these payloads are not claims. */
function isAuthentic(jwk: Jwk, jws: string): boolean {
  try {
    const { header, signature, signingInput } = splitCompactJws(jws);
    const { alg } = JSON.parse(Buffer.from(header, 'base64url').toString()) as { alg: unknown };
    const key = keyOf(jwk);
    return key?.algorithm === alg && key?.verifies(signingInput, signature) === true;
  } catch (error) {
    if (error instanceof TokenError || error instanceof SyntaxError) return false;
    throw error;
  }
}

describe('the Wycheproof JSON Web Signatures for RSA keys', () => {
  const rows = tokens.testGroups.flatMap(({ jwk, tests }) =>
    tests.map((test): [string, Jwk, JwsTest] => [
      `${test.tcId} ${jwk['alg'] as string | undefined} ${test.comment}`,
      jwk,
      test,
    ]),
  );
  const isGood = ([, jwk, { result }]: (typeof rows)[number]) =>
    result === 'valid' && jwk['alg'] === 'RS256';

  it('are complete', () => {
    expect(rows).toHaveLength(318);
  });

  it.each(rows.filter(isGood))('are accepted: %s', (_, jwk, { jws }) => {
    expect(isAuthentic(jwk, jws)).toBe(true);
  });

  // Valid signatures of other algorithms than RS256 are rejected, too.
  it.each(rows.filter((row) => !isGood(row)))('are rejected: %s', (_, jwk, { jws }) => {
    expect(isAuthentic(jwk, jws)).toBe(false);
  });

  it('are not accepted as access tokens', async () => {
    for (const { jwk, tests } of tokens.testGroups) {
      const verifier = verifierOf(jwk);
      for (const { jws } of tests) expect(await judge(verifier, jws)).not.toBe('accepted');
      verifier.close();
    }
  });
});

describe('the examples in the RFCs', () => {
  it.each(examples)('have a valid signature: $name', ({ jwk, token }) => {
    expect(isAuthentic(jwk, token)).toBe(true);
  });

  it.each(examples)('have an invalid signature after a change: $name', ({ jwk, token }) => {
    const [head, body, tail] = token.split('.');
    expect(isAuthentic(jwk, `${head}.${body}A.${tail}`)).toBe(false);
  });

  it.each(examples)('are not accepted as access tokens: $name', async ({ jwk, token }) => {
    const verifier = verifierOf(jwk);
    expect(await judge(verifier, token)).toBe('malformed');
    verifier.close();
  });
});

const verifierOf = (jwk: Jwk) =>
  createVerifier({
    issuer: 'joe',
    audience: 'orders',
    keys: () => Promise.resolve({ keys: [jwk] }),
    revocations: 'ignore',
  });
