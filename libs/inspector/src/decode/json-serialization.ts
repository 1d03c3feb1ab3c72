import { isObject, parseJson } from '../json/parse-json.js';

type Members = Readonly<Record<string, unknown>>;

/** A token in JSON serialization (RFC 7515 §7.2, RFC 7516 §7.2), as far as it can be written compactly. */
export interface JsonSerialization {
  readonly form: 'jws_json' | 'jwe_json';
  /** What would be between the dots, in the order of the compact form. */
  readonly segments: readonly string[];
  /** The members of the header that are outside of its protected part. */
  readonly unprotected: Members;
  /** Signatures or recipients after the first, which are not shown. */
  readonly others: number;
  /**
   * The signatures, each with the payload as a flattened serialization (RFC 7515 §7.2.2). Empty unless there are several.
   *
   * @param most how many of them
   */
  readonly flattened: (most: number) => readonly string[];
}

const text = (value: unknown): string => (typeof value === 'string' ? value : '');
const members = (value: unknown): Members => (isObject(value) ? value : {});

/** Recognizes the JSON serializations of JWS and JWE. The payload of a JWS may be elsewhere (RFC 7515 appendix F). */
export function readJsonSerialization(source: string): JsonSerialization | undefined {
  const value = parsed(source);
  if (!value) return undefined;
  if (isJwe(value)) return jweOf(value);
  return isJws(value) ? jwsOf(value) : undefined;
}

function parsed(source: string): Members | undefined {
  if (!/^\s*\{/.test(source)) return undefined;
  const { value } = parseJson(source);
  return isObject(value) ? value : undefined;
}

/** Other documents have a payload and a signature, too, such as those of webhooks. */
const isJws = (value: Members): boolean =>
  ('signature' in value && hasHeader(value)) ||
  ('signatures' in value && 'payload' in value) ||
  isSignatures(value['signatures']);

const isSignatures = (value: unknown): value is unknown[] =>
  Array.isArray(value) && isObject(value[0]) && 'signature' in value[0] && hasHeader(value[0]);

const isJwe = (value: Members): boolean =>
  'ciphertext' in value && (hasHeader(value) || 'recipients' in value || 'unprotected' in value);

const hasHeader = (value: Members): boolean => 'protected' in value || 'header' in value;

function jwsOf(value: Members): JsonSerialization {
  const { payload, signatures: several } = value;
  const signatures: unknown[] = Array.isArray(several) ? several : [value];
  const first = members(signatures[0]);
  return {
    form: 'jws_json',
    segments: [first['protected'], payload, first['signature']].map(text),
    unprotected: members(first['header']),
    others: Math.max(0, signatures.length - 1),
    flattened: (most) =>
      signatures.length < 2
        ? []
        : signatures.slice(0, most).map((one) => {
            const { protected: header, header: unprotected, signature } = members(one);
            // Each signs the one payload outside (RFC 7515 §7.2.1), whatever else it contains.
            return JSON.stringify({ payload, protected: header, header: unprotected, signature });
          }),
  };
}

function jweOf(value: Members): JsonSerialization {
  const recipients: unknown[] = Array.isArray(value['recipients']) ? value['recipients'] : [value];
  const first = members(recipients[0]);
  const { protected: header, iv, ciphertext, tag } = value;
  return {
    form: 'jwe_json',
    segments: [header, first['encrypted_key'], iv, ciphertext, tag].map(text),
    unprotected: { ...members(value['unprotected']), ...members(first['header']) },
    others: Math.max(0, recipients.length - 1),
    flattened: () => [],
  };
}
