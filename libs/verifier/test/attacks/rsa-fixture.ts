import { createHash } from 'node:crypto';
import type { Target } from './attacks-fixture.js';

const MODULUS_BYTES = 256;

/** The object identifier of SHA-256 in DER. All ASN.1 in this file is hexadecimal. */
export const SHA256 = '0609608648016503040201';
export const NULL = '0500';

export const modulusOf = ({ key }: Pick<Target, 'key'>) =>
  toInteger(Buffer.from(String(key.publicJwk.n), 'base64url'));

export const toInteger = (bytes: Uint8Array) => BigInt(`0x${Buffer.from(bytes).toString('hex')}`);

export const toBytes = (number: bigint, length = MODULUS_BYTES) =>
  Buffer.from(number.toString(16).padStart(2 * length, '0'), 'hex');

export const hash = (algorithm: string, input: string) =>
  createHash(algorithm).update(input, 'latin1').digest('hex');

/** Encodes a message with EMSA-PKCS1-v1_5 (RFC 8017 §9.2). */
export const encodedMessage = (input: string) => padded(`00${digestInfo(hash('sha256', input))}`);

export const digestInfo = (digest: string, algorithm = SHA256 + NULL) =>
  der('30', der('30', algorithm) + der('04', digest));

export function der(tag: string, content: string): string {
  const length = content.length / 2;
  if (length < 0x80) return tag + hex(length, 1) + content;
  return tag + (length < 0x100 ? `81${hex(length, 1)}` : `82${hex(length, 2)}`) + content;
}

const hex = (number: number, bytes: number) => number.toString(16).padStart(2 * bytes, '0');

/** Prefixes the bytes with `00 01` and with `ff` up to the length of the modulus. */
export function padded(tail: string): Buffer {
  const filling = 'ff'.repeat(MODULUS_BYTES - 2 - tail.length / 2);
  return Buffer.from(`0001${filling}${tail}`, 'hex');
}

/** Appends a filling to the bytes, up to the length of the modulus. */
export const filled = (head: string, filling = '00') =>
  Buffer.from(head + filling.repeat(MODULUS_BYTES - head.length / 2), 'hex');

/** Returns the cube root, rounded up. */
export function cubeRoot(number: bigint): bigint {
  let low = 0n;
  let high = 1n << BigInt(Math.ceil(number.toString(2).length / 3) + 1);
  while (low < high) {
    const middle = (low + high) / 2n;
    if (middle ** 3n < number) low = middle + 1n;
    else high = middle;
  }
  return low;
}

/** Returns the only number below 2^bits whose cube ends in these bits; `number` must be odd. */
export function cubeRootOfEnd(number: bigint, bits: bigint): bigint {
  let root = 1n;
  for (let bit = 1n; bit < bits; bit++) {
    const differs = ((root ** 3n - number) >> bit) & 1n;
    root |= differs << bit;
  }
  return root;
}
