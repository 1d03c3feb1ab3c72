/** The bytes of an element in DER (X.690): its tag, its length and its content. */
export function der(tag: number, ...contents: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const content = concat(contents);
  return concat([Uint8Array.of(tag, ...lengthOf(content.length)), content]);
}

function lengthOf(length: number): number[] {
  if (length < 0x80) return [length];
  const bytes: number[] = [];
  for (let rest = length; rest > 0; rest = Math.floor(rest / 256)) bytes.unshift(rest % 256);
  return [0x80 | bytes.length, ...bytes];
}

export const SEQUENCE = 0x30;
export const OCTET_STRING = 0x04;
export const BIT_STRING = 0x03;

/** Object identifiers with their tag and length. */
export const OID = {
  rsa: Uint8Array.of(6, 9, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 1),
  ec: Uint8Array.of(6, 7, 0x2a, 0x86, 0x48, 0xce, 0x3d, 2, 1),
  secp256k1: Uint8Array.of(6, 5, 0x2b, 0x81, 4, 0, 10),
  ed448: Uint8Array.of(6, 3, 0x2b, 0x65, 0x71),
  x25519: Uint8Array.of(6, 3, 0x2b, 0x65, 0x6e),
  x448: Uint8Array.of(6, 3, 0x2b, 0x65, 0x6f),
  rsaPss: Uint8Array.of(6, 9, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 10),
} as const;

export const NULL = Uint8Array.of(5, 0);
export const VERSION_0 = Uint8Array.of(2, 1, 0);

export function concat(parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}

/** Where a sequence of bytes occurs, or -1. */
export function indexOfBytes(bytes: Uint8Array, wanted: Uint8Array): number {
  return bytes.findIndex((_, at) => wanted.every((byte, index) => bytes[at + index] === byte));
}
