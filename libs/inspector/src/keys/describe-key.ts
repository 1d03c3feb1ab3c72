import { decodeBase64url } from '../decode/base64url.js';
import type { InspectorKey, Jwk, KeyForm } from './key.js';
import { bytesOf } from './read-secret.js';

/** The curves whose signatures WebCrypto can check, with the one algorithm of each (RFC 7518 §3.4, RFC 8037 §3.1). */
export const CURVES: ReadonlyMap<string, string> = new Map([
  ['P-256', 'ES256'],
  ['P-384', 'ES384'],
  ['P-521', 'ES512'],
  ['Ed25519', 'EdDSA'],
]);

const PUBLIC_MEMBERS: Readonly<Record<string, readonly string[]>> = {
  RSA: ['n', 'e'],
  EC: ['crv', 'x', 'y'],
  OKP: ['crv', 'x'],
  oct: ['k'],
};
const ABOUT = ['kty', 'kid', 'alg', 'use', 'key_ops'];

/** Describes a JWK, and drops its private members and those that are not understood. */
export function describeKey(source: Jwk, form: KeyForm): InspectorKey {
  const type = typeof source['kty'] === 'string' ? source['kty'] : '';
  const names = [...ABOUT, ...(PUBLIC_MEMBERS[type] ?? [])];
  const jwk = Object.fromEntries(
    names.filter((name) => name in source).map((name) => [name, source[name]]),
  );
  const text = (name: string) => (typeof jwk[name] === 'string' ? jwk[name] : undefined);
  const [kid, alg, curve] = [text('kid'), text('alg'), text('crv')];
  const bits = bitsOf(type, jwk);
  const unusable = unusableOf(type, jwk);
  return {
    ...{ form, type, jwk, description: descriptionOf(type, bits, curve) },
    ...(kid !== undefined && { kid }),
    ...(alg !== undefined && { alg }),
    ...(bits !== undefined && { bits }),
    ...(curve !== undefined && { curve }),
    ...(unusable !== undefined && { unusable }),
  };
}

function bitsOf(type: string, jwk: Jwk): number | undefined {
  const value = type === 'RSA' ? jwk['n'] : type === 'oct' ? jwk['k'] : undefined;
  if (typeof value !== 'string') return undefined;
  const { bytes } = decodeBase64url(value);
  if (type === 'oct') return bytes.length * 8;
  const first = bytes.findIndex((byte) => byte !== 0);
  if (first < 0) return 0;
  return (bytes.length - first) * 8 - Math.clz32(bytes[first] ?? 0) + 24;
}

function descriptionOf(type: string, bits: number | undefined, curve: string | undefined): string {
  if (type === 'RSA') return `RSA key of ${bits ?? 'unknown'} bits`;
  if (type === 'EC') return `EC key on the curve ${curve ?? '?'}`;
  if (type === 'OKP') return `${curve ?? 'OKP'} key`;
  if (type === 'oct') return `shared secret of ${bytesOf((bits ?? 0) / 8)}`;
  return type === '' ? 'key without a type' : `key of the type ${type}`;
}

function unusableOf(type: string, jwk: Jwk): string | undefined {
  const members = PUBLIC_MEMBERS[type];
  if (!members)
    return type === '' ? 'The key has no type (kty).' : 'Keys of this type cannot be used here.';
  const missing = members.find((name) => typeof jwk[name] !== 'string' || jwk[name] === '');
  if (missing !== undefined) return `The key has no member ${missing}.`;
  if (type === 'RSA') return unusableRsa(jwk);
  const curve = jwk['crv'];
  if (members.includes('crv') && !(typeof curve === 'string' && CURVES.has(curve)))
    return 'Web browsers cannot check signatures on this curve.';
  return undefined;
}

/** OpenSSL and browsers use no longer keys. */
const MAX_RSA_BITS = 16_384;
const MIN_RSA_BITS = 256;

function unusableRsa(jwk: Jwk): string | undefined {
  const bits = bitsOf('RSA', jwk) ?? 0;
  if (bits < MIN_RSA_BITS) return 'The modulus (n) of the key is damaged.';
  if (bits > MAX_RSA_BITS) return `Keys of more than ${MAX_RSA_BITS} bits cannot be used here.`;
  return isWeakExponent(String(jwk['e']))
    ? 'The exponent (e) of the key is 1 or even, so it proves nothing.'
    : undefined;
}

/** With the exponent 1, anybody can write a signature that fits. */
function isWeakExponent(text: string): boolean {
  const { bytes } = decodeBase64url(text);
  const last = bytes.at(-1) ?? 0;
  return last % 2 === 0 || (last === 1 && bytes.subarray(0, -1).every((byte) => byte === 0));
}
