import { exportJWK, importPKCS8, importSPKI, importX509, type CryptoKey, type JWK } from 'jose';
import {
  BIT_STRING,
  concat,
  der,
  indexOfBytes,
  NULL,
  OCTET_STRING,
  OID,
  SEQUENCE,
  VERSION_0,
} from './der.js';
import { CURVES, describeKey } from './describe-key.js';
import type { InspectorKey, KeyForm, KeyNote, ReadKeys } from './key.js';
import { pemOf, type PemBlock } from './pem.js';

type Import = (pem: string, alg: string, options: { extractable: boolean }) => Promise<CryptoKey>;

/** A key in DER, and how jose imports it. */
interface DerKey {
  readonly form: KeyForm;
  readonly label: string;
  readonly bytes: Uint8Array;
  readonly import: Import;
}

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
export async function readPem(block: PemBlock): Promise<ReadKeys> {
  if (block.encrypted)
    return failed('encrypted_key', 'This private key is encrypted; paste its public key instead.');
  const source = derKeyOf(block);
  if (!source) return failed('not_a_key', `A PEM block “${block.label}” does not contain a key.`);
  const key = await importAny(source);
  const pem = source.form === 'private_pem' ? {} : { pem: block.text };
  if (key) return { form: source.form, keys: [{ ...key, ...pem }], notes: notesOf(source.form) };
  const unsupported = UNSUPPORTED.find(([oid]) => indexOfBytes(source.bytes, oid) >= 0);
  if (unsupported)
    return { form: source.form, keys: [unsupportedKey(source.form, unsupported[1])], notes: [] };
  return failed(
    'damaged_key',
    `The PEM block “${block.label}” is damaged, or contains a kind of key that is not known here.`,
  );
}

const failed = (code: KeyNote['code'], message: string): ReadKeys => ({
  keys: [],
  notes: [{ code, severity: 'error', message }],
});

const unsupportedKey = (form: KeyForm, name: string): InspectorKey => ({
  ...{ form, type: 'unsupported', jwk: {}, description: `key for ${name}` },
  unusable: `Web browsers cannot check signatures with keys for ${name}.`,
});

function derKeyOf({ label, bytes }: PemBlock): DerKey | undefined {
  const publicKey = (spki: Uint8Array): DerKey => ({
    form: 'public_pem',
    label: 'PUBLIC KEY',
    bytes: spki,
    import: importSPKI,
  });
  const privateKey = (pkcs8: Uint8Array): DerKey => ({
    form: 'private_pem',
    label: 'PRIVATE KEY',
    bytes: pkcs8,
    import: importPKCS8,
  });
  switch (label) {
    case 'PUBLIC KEY':
      return publicKey(bytes);
    case 'RSA PUBLIC KEY':
      return publicKey(der(SEQUENCE, RSA, der(BIT_STRING, Uint8Array.of(0), bytes)));
    case 'PRIVATE KEY':
      return privateKey(bytes);
    case 'RSA PRIVATE KEY':
      return privateKey(der(SEQUENCE, VERSION_0, RSA, der(OCTET_STRING, bytes)));
    case 'EC PRIVATE KEY':
      return privateKey(sec1AsPkcs8(bytes));
    case 'CERTIFICATE':
    case 'X509 CERTIFICATE':
      return { form: 'certificate', label: 'CERTIFICATE', bytes, import: importX509 };
    default:
      return undefined;
  }
}

const RSA = der(SEQUENCE, OID.rsa, NULL);

/** A key of RFC 5915 names its curve in an element tagged [0]; PKCS #8 names it outside. */
function sec1AsPkcs8(bytes: Uint8Array): Uint8Array {
  const at = bytes.findIndex(
    (byte, index) =>
      byte === 0xa0 && bytes[index + 2] === 6 && bytes[index + 1] === (bytes[index + 3] ?? 0) + 2,
  );
  const curve = at < 0 ? new Uint8Array() : bytes.slice(at + 2, at + 2 + (bytes[at + 1] ?? 0));
  return der(SEQUENCE, VERSION_0, der(SEQUENCE, concat([OID.ec, curve])), der(OCTET_STRING, bytes));
}

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
