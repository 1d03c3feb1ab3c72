import { decodeBase64url } from '../decode/base64url.js';
import type { InspectorKey, SecretReading } from './key.js';

/** Reads a text as a shared secret in each way that it can be written: as it is, in base64 and in hexadecimal. */
export function readSecret(text: string): InspectorKey[] {
  const readings: [SecretReading, Uint8Array][] = [['text', new TextEncoder().encode(text)]];
  const trimmed = text.trim();
  const { bytes, faults } = decodeBase64url(trimmed);
  const encoded = faults.every(({ code }) => code === 'padding' || code === 'standard_base64');
  if (encoded && bytes.length > 0) readings.push(['base64url', bytes]);
  if (/^(?:[0-9a-f]{2})+$/i.test(trimmed)) readings.push(['hex', hexBytes(trimmed)]);
  return readings.map(([reading, secret]) => secretKey(secret, reading));
}

/** A shared secret as a key. */
export const secretKey = (secret: Uint8Array, reading: SecretReading): InspectorKey => ({
  ...{ form: 'secret', type: 'oct', reading, bits: secret.length * 8 },
  jwk: { kty: 'oct', k: toBase64url(secret) },
  description: `shared secret of ${bytesOf(secret.length)}${reading === 'text' ? '' : `, read as ${reading}`}`,
});

const hexBytes = (text: string): Uint8Array =>
  Uint8Array.from(text.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));

function toBase64url(bytes: Uint8Array): string {
  let binary = '';
  for (const byte of bytes) binary += String.fromCharCode(byte);
  return btoa(binary).replaceAll('+', '-').replaceAll('/', '_').replace(/=+$/, '');
}

/** Such as “1 byte” or “32 bytes”. */
export const bytesOf = (count: number): string => `${count} byte${count === 1 ? '' : 's'}`;
