import type { DecodedToken } from '../decoded-token.js';
import type { InspectorKey } from '../keys/key.js';
import { ALGORITHMS, isNone, UNSUPPORTED_ALGORITHMS } from './algorithms.js';
import { checkSignature, type Signed } from './check-signature.js';
import { chooseKeys, misfitOf, type KeyChoice } from './key-choice.js';

/** What came of checking the signature. */
export type SignatureOutcome =
  | { readonly state: 'fits'; readonly key: InspectorKey; readonly choice: KeyChoice }
  | { readonly state: 'wrong'; readonly tried: readonly InspectorKey[]; readonly choice: KeyChoice }
  /** No key of those that may be tried fits the algorithm. */
  | { readonly state: 'misfit'; readonly reason: string; readonly choice: KeyChoice }
  | { readonly state: 'unusable'; readonly reason: string; readonly choice: KeyChoice }
  | { readonly state: 'no_key' }
  | { readonly state: 'unsupported' }
  | { readonly state: 'unsigned' }
  /** The header names no algorithm, or one that does not exist. */
  | { readonly state: 'no_algorithm' }
  | { readonly state: 'encrypted' };

/** Checks the signature of a token with the keys that may have made it. */
export async function signatureOutcome(
  token: DecodedToken,
  keys: readonly InspectorKey[],
): Promise<SignatureOutcome> {
  const alg = token.header['alg'];
  if (token.form === 'jwe' || token.form === 'jwe_json') return { state: 'encrypted' };
  if (isNone(alg)) return { state: 'unsigned' };
  if (typeof alg !== 'string') return { state: 'no_algorithm' };
  if (!ALGORITHMS.has(alg))
    return { state: UNSUPPORTED_ALGORITHMS.has(alg) ? 'unsupported' : 'no_algorithm' };
  if (keys.length === 0) return { state: 'no_key' };
  return tryKeys(signedOf(token, alg), chooseKeys(keys, token.header['kid']));
}

async function tryKeys(signed: Signed, choice: KeyChoice): Promise<SignatureOutcome> {
  const tried: InspectorKey[] = [];
  const unusable: string[] = [];
  const misfits: string[] = [];
  for (const key of choice.keys) {
    const attempt = await tryKey(signed, key);
    if (attempt === 'fits') return { state: 'fits', key, choice };
    if (attempt === 'wrong') tried.push(key);
    else if ('misfit' in attempt) misfits.push(attempt.misfit);
    else unusable.push(attempt.unusable);
  }
  if (tried.length > 0) return { state: 'wrong', tried, choice };
  const [misfit = ''] = misfits;
  if (unusable[0] === undefined) return { state: 'misfit', reason: misfit, choice };
  const reason = misfit ? `No key that can be used fits: ${misfit}. ${unusable[0]}` : unusable[0];
  return { state: 'unusable', reason, choice };
}

type Attempt = 'fits' | 'wrong' | { readonly misfit: string } | { readonly unusable: string };

async function tryKey(signed: Signed, key: InspectorKey): Promise<Attempt> {
  if (key.unusable !== undefined) return { unusable: key.unusable };
  const misfit = misfitOf(key, signed.alg);
  if (misfit !== undefined) return { misfit };
  const state = await checkSignature(signed, key);
  if (state !== 'unusable') return state;
  return { unusable: `The ${key.description} is damaged, or cannot be used here.` };
}

/** What the signature of a token is for (RFC 7515 §5.2). */
export function signedOf(token: DecodedToken, alg: string): Signed {
  const [header, payload, signature] = token.segments;
  return {
    alg,
    input: new TextEncoder().encode(`${header?.raw ?? ''}.${payload?.raw ?? ''}`),
    signature: new Uint8Array(signature?.bytes ?? []),
  };
}
