import { importPKCS8, importSPKI, importX509, type CryptoKey } from 'jose';
import { BIT_STRING, concat, der, NULL, OCTET_STRING, OID, SEQUENCE, VERSION_0 } from './der.js';
import type { KeyForm } from './key.js';

type Import = (pem: string, alg: string, options: { extractable: boolean }) => Promise<CryptoKey>;

/** A key in DER, and how jose imports it. */
export interface DerKey {
  readonly form: KeyForm;
  readonly label: string;
  readonly bytes: Uint8Array;
  readonly import: Import;
}

/** What keys are labelled as in PEM (RFC 7468). */
const LABELS = [
  'PUBLIC KEY',
  'PRIVATE KEY',
  'RSA PUBLIC KEY',
  'RSA PRIVATE KEY',
  'EC PRIVATE KEY',
  'CERTIFICATE',
] as const;

/**
 * The ways to read a key in DER, the most likely one first: its label, if it has one that is known, and then the others,
 * because labels are often wrong.
 */
export function derKeysOf(bytes: Uint8Array, label?: string): DerKey[] {
  const known = LABELS.find((name) => name === label?.replace('X509 ', ''));
  const rest = LABELS.filter((name) => name !== known);
  return [...(known ? [known] : []), ...rest].map((name) => derKeyOf(name, bytes));
}

/** Whether bytes are one element in DER, as a key is: a sequence that is as long as it says. */
export function isDer(bytes: Uint8Array): boolean {
  const [tag, first = 0] = bytes;
  if (tag !== SEQUENCE || bytes.length < 40) return false;
  if (first < 0x80) return first === bytes.length - 2;
  const count = first & 0x7f;
  const length = bytes.subarray(2, 2 + count).reduce((sum, byte) => sum * 256 + byte, 0);
  return length === bytes.length - 2 - count;
}

function derKeyOf(label: (typeof LABELS)[number], bytes: Uint8Array): DerKey {
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
      return { form: 'certificate', label: 'CERTIFICATE', bytes, import: importX509 };
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
