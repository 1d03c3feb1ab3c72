import { isObject, parseJson } from '../json/parse-json.js';
import { describeKey } from './describe-key.js';
import type { InspectorKey, Jwk, KeyForm, KeyNote, ReadKeys } from './key.js';
import { pemBlocks } from './pem.js';
import { PRIVATE, readPem } from './read-pem.js';
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
  if (/^[{[]/.test(trimmed)) return readJwks(trimmed);
  const blocks = pemBlocks(trimmed);
  if (blocks.length > 0) return merge(await Promise.all(blocks.slice(0, MAX_KEYS).map(readPem)));
  return { form: 'secret', keys: readSecret(text.replace(/\r?\n$/, '')), notes: [READ_AS_SECRET] };
}

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
  const set = isObject(value) && 'keys' in value ? value['keys'] : value;
  const form: KeyForm = isObject(set) ? 'jwk' : 'jwks';
  const entries: unknown[] = Array.isArray(set) ? set : [set];
  const jwks = entries.filter((entry): entry is Jwk => isObject(entry) && 'kty' in entry);
  const keys = jwks.slice(0, MAX_KEYS).map((jwk) => describeKey(jwk, form));
  const notes = [...damaged, ...setNotes(entries.length, jwks, keys)];
  return { form, keys, notes };
}

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
