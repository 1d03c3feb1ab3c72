import { decodeBase64url } from '../decode/base64url.js';
import type { FaultCode } from '../decoded-token.js';
import type { InspectorKey, SecretReading } from './key.js';

/** Reads a text as a shared secret in each way that it can be written: as it is, in base64 and in hexadecimal. */
export function readSecret(text: string): InspectorKey[] {
  const inner = text.trim().replace(/^(["'`])(.+)\1$/s, '$2');
  const readings: [SecretReading, Uint8Array][] = [['text', new TextEncoder().encode(text)]];
  if (inner !== text && inner !== '')
    readings.push(['text_within', new TextEncoder().encode(inner)]);
  const { bytes, faults } = decodeBase64url(inner);
  const encoded = faults.every(({ code }) => CAN_BE_ENCODED.includes(code));
  if (encoded && bytes.length > 0) readings.push(['base64url', bytes]);
  const hex = inner.replace(/^0x/i, '').replaceAll(/[\s:]/g, '');
  if (/^(?:[0-9a-f]{2})+$/i.test(hex)) readings.push(['hex', hexBytes(hex)]);
  return readings.map(([reading, secret]) => secretKey(secret, reading));
}

const CAN_BE_ENCODED: readonly FaultCode[] = ['padding', 'standard_base64', 'whitespace'];

const READ_AS: Readonly<Record<SecretReading, string>> = {
  text: '',
  text_within: ', without the blanks or quotes around it',
  base64url: ', read as base64url',
  hex: ', read as hex',
};

/** A shared secret as a key. */
export const secretKey = (secret: Uint8Array, reading: SecretReading): InspectorKey => ({
  ...{ form: 'secret', type: 'oct', reading, bits: secret.length * 8 },
  jwk: { kty: 'oct', k: toBase64url(secret) },
  description: `shared secret of ${bytesOf(secret.length)}${READ_AS[reading]}`,
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
