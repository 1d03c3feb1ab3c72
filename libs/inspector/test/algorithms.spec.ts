import fc from 'fast-check';
import { generateKeyPairSync, sign as signRaw } from 'node:crypto';
import {
  compactVerify,
  exportJWK,
  generateKeyPair,
  importJWK,
  jwtVerify,
  type CryptoKey,
  type JWK,
} from 'jose';
import { decodeToken, judgeToken, readKeys, type InspectorKey } from '../src/index.js';
import { base64url, GOOD_CLAIMS, judge, lineOf, NOW, signed, signedWith } from './making-tokens.js';

const ALGORITHMS = [
  ...['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512', 'ES256', 'ES384', 'ES512'],
  ...['EdDSA', 'Ed25519', 'HS256', 'HS384', 'HS512'],
];

interface Signer {
  readonly alg: string;
  readonly privateKey: CryptoKey | Uint8Array;
  readonly jwk: JWK;
  readonly keys: readonly InspectorKey[];
}

async function signerOf(alg: string): Promise<Signer> {
  const secret = new TextEncoder().encode('s'.repeat(64));
  const pair = alg.startsWith('HS') ? undefined : await generateKeyPair(alg, { extractable: true });
  const jwk = pair
    ? await exportJWK(pair.publicKey)
    : { kty: 'oct', k: Buffer.from(secret).toString('base64url') };
  const { keys } = await readKeys(JSON.stringify(jwk));
  return { alg, privateKey: pair?.privateKey ?? secret, jwk, keys };
}

const SIGNERS = await Promise.all(ALGORITHMS.map(signerOf));

const verdictOf = async (token: string, { keys }: Signer) =>
  (await judgeToken(decodeToken(token), { keys, now: NOW })).verdict;

/** Whether jose accepts a token with the same key at the same time. */
const joseAccepts = async (token: string, { jwk, alg }: Signer): Promise<boolean> =>
  jwtVerify(token, await importJWK(jwk, alg), { currentDate: NOW, algorithms: [alg] }).then(
    () => true,
    () => false,
  );

describe.each(SIGNERS)('a token that jose signs with $alg', (signer) => {
  it('is valid', async () => {
    expect(await verdictOf(await signedWith(signer.alg, signer.privateKey), signer)).toBe('valid');
  });

  it('is invalid with a key of each other algorithm', async () => {
    const token = await signedWith(signer.alg, signer.privateKey);
    for (const other of SIGNERS)
      if (other !== signer && !(signer.alg.startsWith('HS') && other.alg.startsWith('HS')))
        if (!/^Ed/.test(signer.alg + other.alg) || other.jwk.x !== signer.jwk.x)
          expect(await verdictOf(token, other)).toBe('invalid');
  });

  it('is invalid after any change, as jose says too', async () => {
    const token = await signedWith(signer.alg, signer.privateKey);
    const change = fc.tuple(fc.nat(token.length - 1), fc.constantFrom(...'AQgwx09-_.'));
    await fc.assert(
      fc.asyncProperty(change, async ([at, character]) => {
        const changed = token.slice(0, at) + character + token.slice(at + 1);
        if (changed === token) return;
        expect(await verdictOf(changed, signer)).not.toBe('valid');
        // The last character of a signature has unused bits, which jose ignores.
        if (at < token.length - 1) expect(await joseAccepts(changed, signer)).toBe(false);
      }),
      { numRuns: 25 },
    );
  });
});

describe('a weak key', () => {
  it('of RSA is used, although jose refuses it, and warned of', async () => {
    const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 1024 });
    const input = `${base64url({ alg: 'RS256' })}.${base64url(GOOD_CLAIMS)}`;
    const token = `${input}.${signRaw('sha256', Buffer.from(input), privateKey).toString('base64url')}`;
    const jwk = publicKey.export({ format: 'jwk' }) as JWK;
    const { verdict, warnings } = await judge(token, { keyText: JSON.stringify(jwk) });
    expect([verdict, warnings.map(({ code }) => code)]).toEqual(['valid', ['small_rsa_key']]);
    await expect(importJWK(jwk, 'RS256').then((key) => compactVerify(token, key))).rejects.toThrow(
      '2048',
    );
  });

  it.each(['x', 'short', 'a secret of thirty characters.'])(
    'is used and warned of: the secret %j',
    async (secret) => {
      const { verdict, warnings } = await judge(await signed(undefined, undefined, secret), {
        keyText: secret,
      });
      expect([verdict, warnings.map(({ code }) => code)]).toEqual(['valid', ['short_secret']]);
    },
  );
});

it('says that a signature of an elliptic curve is written as in X.509', async () => {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const input = `${base64url({ alg: 'ES256' })}.${base64url(GOOD_CLAIMS)}`;
  const token = `${input}.${signRaw('sha256', Buffer.from(input), privateKey).toString('base64url')}`;
  const { checks } = await judge(token, {
    keyText: JSON.stringify(publicKey.export({ format: 'jwk' })),
  });
  expect(lineOf(checks, 'signature')).toMatch(/^failed: .*looks like ASN\.1 \(DER\)/);
});
