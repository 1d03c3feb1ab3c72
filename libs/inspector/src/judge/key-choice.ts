import { brief } from '../json/json-suspects.js';
import type { InspectorKey } from '../keys/key.js';
import { ALGORITHMS, type Algorithm } from './algorithms.js';

/** Why a key cannot have made a signature of this algorithm. */
export function misfitOf(key: InspectorKey, alg: string): string | undefined {
  const algorithm = ALGORITHMS.get(alg);
  return algorithm && (typeMisfit(key, alg, algorithm) ?? useMisfit(key, alg));
}

function typeMisfit(key: InspectorKey, alg: string, algorithm: Algorithm): string | undefined {
  const { keyType, curve } = algorithm;
  const given = `not the ${key.description} that was given`;
  if (key.type !== keyType) return `${alg} needs ${NEEDS[keyType]}, ${given}`;
  return curve === undefined || curve === key.curve
    ? undefined
    : `${alg} needs the curve ${curve}, ${given}`;
}

/** A key can say what it may be used for (RFC 7517 §4.2 to §4.4). */
function useMisfit({ alg: only, jwk }: InspectorKey, alg: string): string | undefined {
  if (only !== undefined && only !== alg)
    return `the key is for ${brief(only)} alone, but the token names ${alg}`;
  if (jwk['use'] !== undefined && jwk['use'] !== 'sig')
    return 'its member use does not allow signatures';
  const operations = jwk['key_ops'];
  return Array.isArray(operations) && !operations.includes('verify')
    ? 'its member key_ops does not allow verifying'
    : undefined;
}

const NEEDS = {
  RSA: 'an RSA key',
  EC: 'an EC key',
  OKP: 'an Ed25519 key',
  oct: 'a shared secret',
} as const;

/** Which of the given keys a token may have been signed with. */
export interface KeyChoice {
  readonly keys: readonly InspectorKey[];
  /** By which property they were chosen. `mismatch`: a key set has other key ids only, so that all are tried. */
  readonly by: 'kid' | 'each' | 'only' | 'mismatch';
}

/** Chooses the keys to try: those with the token's `kid`, otherwise all of them. */
export function chooseKeys(keys: readonly InspectorKey[], kid: unknown): KeyChoice {
  if (typeof kid === 'string') {
    const named = keys.filter((key) => key.kid === kid);
    if (named.length > 0) return { keys: named, by: 'kid' };
    const fromSet = keys.some((key) => key.form === 'jwks');
    if (fromSet && keys.every((key) => key.kid !== undefined)) return { keys, by: 'mismatch' };
  }
  return { keys, by: keys.length === 1 ? 'only' : 'each' };
}
