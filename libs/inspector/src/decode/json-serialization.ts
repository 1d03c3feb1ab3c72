import { isObject, parseJson } from '../json/parse-json.js';

/** A token in JSON serialization (RFC 7515 §7.2, RFC 7516 §7.2), as far as it can be written compactly. */
export interface JsonSerialization {
  readonly form: 'jws_json' | 'jwe_json';
  readonly compact: string;
  /** Signatures or recipients after the first, which are not shown. */
  readonly others: number;
}

const text = (value: unknown): string => (typeof value === 'string' ? value : '');

/** Recognizes the JSON serializations of JWS and JWE. */
export function readJsonSerialization(source: string): JsonSerialization | undefined {
  if (!source.startsWith('{')) return undefined;
  const { value } = parseJson(source);
  if (!isObject(value)) return undefined;
  if ('ciphertext' in value) return jweOf(value);
  if ('payload' in value && ('signature' in value || 'signatures' in value)) return jwsOf(value);
  return undefined;
}

function jwsOf(value: Record<string, unknown>): JsonSerialization {
  const signatures: unknown[] = Array.isArray(value['signatures']) ? value['signatures'] : [value];
  const first = isObject(signatures[0]) ? signatures[0] : {};
  return {
    form: 'jws_json',
    compact: [first['protected'], value['payload'], first['signature']].map(text).join('.'),
    others: Math.max(0, signatures.length - 1),
  };
}

function jweOf(value: Record<string, unknown>): JsonSerialization {
  const recipients: unknown[] = Array.isArray(value['recipients']) ? value['recipients'] : [value];
  const first = isObject(recipients[0]) ? recipients[0] : {};
  return {
    form: 'jwe_json',
    compact: [
      value['protected'],
      first['encrypted_key'],
      value['iv'],
      value['ciphertext'],
      value['tag'],
    ]
      .map(text)
      .join('.'),
    others: Math.max(0, recipients.length - 1),
  };
}
