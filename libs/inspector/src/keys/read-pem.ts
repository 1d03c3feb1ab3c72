import { exportJWK, type JWK } from 'jose';
import { decodeBase64url } from '../decode/base64url.js';
import { derKeysOf, isDer, type DerKey } from './der-key.js';
import { indexOfBytes, OID } from './der.js';
import { CURVES, describeKey } from './describe-key.js';
import type { InspectorKey, KeyForm, KeyNote, ReadKeys } from './key.js';
import { pemOf, type PemBlock } from './pem.js';

/** RSA keys fit every RSA algorithm; the name only says what the key is imported as. */
const ALGORITHMS = ['RS256', ...CURVES.values()];

const UNSUPPORTED = [
  [OID.secp256k1, 'secp256k1 (ES256K)'],
  [OID.ed448, 'Ed448'],
  [OID.x25519, 'X25519, which is for encryption'],
  [OID.x448, 'X448, which is for encryption'],
  [OID.rsaPss, 'RSA that are restricted to PSS (id-RSASSA-PSS)'],
] as const;

/** Reads one block of a PEM text: a public key, the public half of a private key, or a certificate. */
export async function readPem({ label, bytes, text, encrypted }: PemBlock): Promise<ReadKeys> {
  if (encrypted)
    return failed('encrypted_key', 'This private key is encrypted; paste its public key instead.');
  if (/OPENSSH|SSH2|PGP/.test(label)) return failed('unsupported_key', otherFormat(label));
  if (!/(?:PUBLIC KEY|PRIVATE KEY|CERTIFICATE)$/.test(label))
    return failed('not_a_key', `A PEM block “${label}” does not contain a key.`);
  const read = await readDer(bytes, label);
  if (!read)
    return failed(
      'damaged_key',
      `The PEM block “${label}” is damaged, or contains a kind of key that is not known here.`,
    );
  const { form, keys } = read;
  const withText = form === 'private_pem' ? keys : keys.map((key) => ({ ...key, pem: text }));
  return { ...read, keys: withText };
}

const otherFormat = (label: string): string =>
  `The block “${label}” has another format than PEM keys; convert it first, a key of SSH with “ssh-keygen -e -m PKCS8 -f FILE”.`;

/** Reads the DER of a key in base64, as some issuers show theirs. @returns undefined for any other text */
export async function readBareDer(text: string): Promise<ReadKeys | undefined> {
  const { bytes, faults } = decodeBase64url(text);
  const isBase64 = faults.every(({ code }) => code !== 'invalid_character');
  return isBase64 && isDer(bytes) ? readDer(bytes) : undefined;
}

/** @returns undefined if no key can be read */
async function readDer(bytes: Uint8Array, label?: string): Promise<ReadKeys | undefined> {
  // Other ways than its label are worth trying for bytes that can be a key.
  const sources = derKeysOf(bytes, label).slice(0, isDer(bytes) ? undefined : 1);
  for (const source of sources) {
    const key = await importAny(source);
    if (key) return { form: source.form, keys: [key], notes: notesOf(source.form) };
  }
  const form = sources[0]?.form ?? 'public_pem';
  const unsupported = UNSUPPORTED.find(([oid]) => indexOfBytes(bytes, oid) >= 0);
  return unsupported && { form, keys: [unsupportedKey(form, unsupported[1])], notes: [] };
}

const failed = (code: KeyNote['code'], message: string): ReadKeys => ({
  keys: [],
  notes: [{ code, severity: 'error', message }],
});

const unsupportedKey = (form: KeyForm, name: string): InspectorKey => ({
  ...{ form, type: 'unsupported', jwk: {}, description: `key for ${name}` },
  unusable: `Web browsers cannot check signatures with keys for ${name}.`,
});

async function importAny(source: DerKey): Promise<InspectorKey | undefined> {
  const pem = pemOf(source.label, source.bytes);
  for (const alg of ALGORITHMS) {
    const jwk = await importAs(source, pem, alg);
    if (jwk) return describeKey({ ...jwk, alg: undefined }, source.form);
  }
  return undefined;
}

async function importAs(source: DerKey, pem: string, alg: string): Promise<JWK | undefined> {
  try {
    return await exportJWK(await source.import(pem, alg, { extractable: true }));
  } catch {
    return undefined; // a key of another type
  }
}

function notesOf(form: KeyForm): KeyNote[] {
  if (form === 'private_pem') return [PRIVATE];
  return form === 'certificate' ? [CERTIFICATE] : [];
}

export const PRIVATE: KeyNote = {
  ...{ code: 'private_key', severity: 'note' },
  message:
    'This is a private key, with which anybody can sign; only its public half is kept here, and it belongs on no clipboard.',
};

const CERTIFICATE: KeyNote = {
  ...{ code: 'certificate_not_checked', severity: 'note' },
  message:
    'Only the key of the certificate is used; its issuer and its period of validity are not checked.',
};
