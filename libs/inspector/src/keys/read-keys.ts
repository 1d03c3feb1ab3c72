import { brief } from '../json/json-suspects.js';
import { isObject, parseJson } from '../json/parse-json.js';
import { describeKey } from './describe-key.js';
import type { InspectorKey, Jwk, KeyForm, KeyNote, ReadKeys } from './key.js';
import { pemBlocks, type PemBlock } from './pem.js';
import { PRIVATE, readBareDer, readPem } from './read-pem.js';
import { readSecret } from './read-secret.js';

/** A key set with more keys would make every token slow to judge. */
const MAX_KEYS = 100;
/** No key is longer. */
const MAX_KEY_CHARACTERS = 1_000_000;

const PRIVATE_MEMBERS = ['d', 'p', 'q', 'dp', 'dq', 'qi', 'oth', 'priv'];

/**
 * Reads keys from a text: a JWK, a JWKS or an array of JWKs, PEM (public key, private key, certificate),
 * the DER of those in base64, or a shared secret. Never throws; what cannot be read has a note.
 */
export async function readKeys(text: string): Promise<ReadKeys> {
  const trimmed = text.trim();
  if (trimmed === '')
    return { keys: [], notes: [error('empty', 'There is no key in an empty text.')] };
  if (trimmed.length > MAX_KEY_CHARACTERS)
    return { keys: [], notes: [error('not_a_key', 'This text is too long for a key.')] };
  const quoted = stringIn(trimmed);
  if (quoted !== undefined && /^\s*[{[]|-----BEGIN /.test(quoted)) return readKeys(quoted);
  return (await readStructured(trimmed)) ?? secretIn(text.replace(/\r?\n$/, ''));
}

/** @returns undefined for a text that can only be a shared secret */
async function readStructured(text: string): Promise<ReadKeys | undefined> {
  const blocks = pemBlocks(text);
  if (/^[{[]/.test(text)) {
    const read = readJwks(text);
    // Some issuers publish a JSON object of certificates.
    return read.keys.length > 0 || blocks.length === 0 ? read : readBlocks(blocks);
  }
  if (blocks.length > 0) return readBlocks(blocks);
  if (SSH.test(text)) return { keys: [], notes: [SSH_KEY] };
  if (LIKE_PEM.test(text)) return { keys: [], notes: [NOT_QUITE_PEM] };
  return readBareDer(text);
}

/** The text of a JSON string, which a key is in the answer of many an API. */
function stringIn(text: string): string | undefined {
  if (!/^".*"$/s.test(text)) return undefined;
  const { value, faults } = parseJson(text);
  return typeof value === 'string' && faults.length === 0 ? value : undefined;
}

const readBlocks = async (blocks: readonly PemBlock[]) =>
  merge(await Promise.all(blocks.slice(0, MAX_KEYS).map(readPem)));

const secretIn = (text: string): ReadKeys => ({
  form: 'secret',
  keys: readSecret(text),
  notes: [READ_AS_SECRET, ...(INVISIBLE.test(text) ? [INVISIBLE_IN_SECRET] : [])],
});

/** Format characters, among them zero-width ones and byte order marks, which come along when text is copied. */
const INVISIBLE = /\p{Cf}/u;
const LIKE_PEM = /BEGIN [A-Z\d ]{0,40}(?:KEY|CERTIFICATE)/i;
const SSH = /^(?:ssh-|ecdsa-sha2-|sk-)\S+\s+AAAA/;

function merge(parts: readonly ReadKeys[]): ReadKeys {
  const form = parts.find((part) => part.form)?.form;
  const notes = new Map(parts.flatMap((part) => part.notes).map((note) => [note.message, note]));
  return {
    ...(form && { form }),
    keys: parts.flatMap(({ keys }) => keys),
    notes: [...notes.values()],
  };
}

function readJwks(text: string): ReadKeys {
  const { value, faults } = parseJson(text);
  const broken = faults.find(({ severity }) => severity === 'error');
  const damaged = broken
    ? [
        error(
          'damaged_key',
          `The key is not valid JSON at line ${broken.position.line}, column ${broken.position.column}: ${broken.message}`,
        ),
      ]
    : [];
  const set = keySetIn(value);
  const form: KeyForm = isObject(set) ? 'jwk' : 'jwks';
  const entries: unknown[] = Array.isArray(set) ? set : [set];
  const jwks = entries.filter((entry): entry is Jwk => isObject(entry) && 'kty' in entry);
  const keys = jwks.slice(0, MAX_KEYS).map((jwk) => describeKey(jwk, form));
  const elsewhere = keys.length === 0 && isObject(value) ? value['jwks_uri'] : undefined;
  const notes =
    typeof elsewhere === 'string'
      ? [...damaged, noKeysBut(elsewhere)]
      : [...damaged, ...setNotes(entries.length, jwks, keys)];
  return { form, keys, notes };
}

/** A JWKS can be a member of other documents (OpenID Connect Dynamic Client Registration 1.0 §2). */
function keySetIn(value: unknown): unknown {
  if (!isObject(value)) return value;
  const { jwks = value } = value;
  return isObject(jwks) && 'keys' in jwks ? jwks['keys'] : value;
}

const noKeysBut = (address: string): KeyNote =>
  error('no_keys', `There is no key here, but the address of a key set: ${brief(address)}.`);

function setNotes(count: number, jwks: readonly Jwk[], keys: readonly InspectorKey[]): KeyNote[] {
  const notes: KeyNote[] = [];
  if (keys.length === 0)
    notes.push(
      error('no_keys', 'There is no key here: a JWK has a member kty, and a JWKS a list of keys.'),
    );
  else if (jwks.length < count)
    notes.push(error('not_a_key', `${count - jwks.length} of the ${count} entries are not keys.`));
  if (jwks.length > MAX_KEYS)
    notes.push(error('not_a_key', `Only the first ${MAX_KEYS} keys are used.`));
  if (jwks.some((jwk) => jwk['kty'] !== 'oct' && PRIVATE_MEMBERS.some((name) => name in jwk)))
    notes.push(PRIVATE);
  const kids = keys.flatMap(({ kid }) => (kid === undefined ? [] : [kid]));
  if (new Set(kids).size < kids.length)
    notes.push({
      code: 'duplicate_kid',
      severity: 'note',
      message: 'Two keys have the same kid; each of them is tried.',
    });
  return notes;
}

const error = (code: KeyNote['code'], message: string): KeyNote => ({
  code,
  severity: 'error',
  message,
});

const READ_AS_SECRET: KeyNote = {
  ...{ code: 'read_as_secret', severity: 'note' },
  message:
    'This text is neither JSON nor PEM, so it is tried as a shared secret: as it is, and decoded from base64 and hexadecimal.',
};

const INVISIBLE_IN_SECRET: KeyNote = {
  ...{ code: 'invisible_characters', severity: 'note' },
  message:
    'The text contains characters that cannot be seen, such as a byte order mark; they are part of the secret here.',
};

const SSH_KEY: KeyNote = error(
  'unsupported_key',
  'This is a public key of SSH; convert it with “ssh-keygen -e -m PKCS8 -f FILE”.',
);

const NOT_QUITE_PEM: KeyNote = error(
  'damaged_key',
  'This looks like PEM, but its lines must begin and end with five hyphens, as in “-----BEGIN PUBLIC KEY-----”.',
);
