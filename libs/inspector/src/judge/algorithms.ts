/** How WebCrypto checks the signatures of an algorithm (RFC 7518 §3.1, RFC 8037 §3.1). */
export interface Algorithm {
  readonly keyType: 'RSA' | 'EC' | 'OKP' | 'oct';
  readonly curve?: string;
  readonly parameters: {
    readonly name: string;
    readonly hash?: string;
    readonly saltLength?: number;
  };
  /** The shortest secret that RFC 7518 §3.2 allows, in bits. */
  readonly minSecretBits?: number;
}

const hmac = (bits: number): Algorithm => ({
  keyType: 'oct',
  parameters: { name: 'HMAC', hash: `SHA-${bits}` },
  minSecretBits: bits,
});
const pkcs1: Algorithm = { keyType: 'RSA', parameters: { name: 'RSASSA-PKCS1-v1_5' } };
const pss = (bits: number): Algorithm => ({
  keyType: 'RSA',
  parameters: { name: 'RSA-PSS', saltLength: bits / 8 },
});
const ecdsa = (curve: string, bits: number): Algorithm => ({
  ...{ keyType: 'EC', curve },
  parameters: { name: 'ECDSA', hash: `SHA-${bits}` },
});
const ed25519: Algorithm = { keyType: 'OKP', curve: 'Ed25519', parameters: { name: 'Ed25519' } };

export const ALGORITHMS: ReadonlyMap<string, Algorithm> = new Map([
  ['HS256', hmac(256)],
  ['HS384', hmac(384)],
  ['HS512', hmac(512)],
  ['RS256', pkcs1],
  ['RS384', pkcs1],
  ['RS512', pkcs1],
  ['PS256', pss(256)],
  ['PS384', pss(384)],
  ['PS512', pss(512)],
  ['ES256', ecdsa('P-256', 256)],
  ['ES384', ecdsa('P-384', 384)],
  ['ES512', ecdsa('P-521', 512)],
  ['EdDSA', ed25519],
  ['Ed25519', ed25519],
]);

/** Registered signature algorithms that browsers cannot check (IANA “JSON Web Signature and Encryption Algorithms”). */
export const UNSUPPORTED_ALGORITHMS: ReadonlySet<string> = new Set([
  ...['ES256K', 'Ed448', 'ESP256', 'ESP384', 'ESP512', 'ESB256', 'ESB320', 'ESB384', 'ESB512'],
  ...['ML-DSA-44', 'ML-DSA-65', 'ML-DSA-87', 'RS1', 'HS1'],
]);

/** Whether a header names no signature. Some libraries compare without case, so that attackers try all spellings. */
export const isNone = (alg: unknown): boolean =>
  typeof alg === 'string' && alg.trim().toLowerCase() === 'none';
