import type { JsonDocument, JsonPosition } from './json/json-document.js';

/** What a segment between two dots contains (RFC 7515 §7.1, RFC 7516 §7.1). */
export type SegmentName =
  | 'header'
  | 'payload'
  | 'signature'
  | 'encrypted_key'
  | 'initialization_vector'
  | 'ciphertext'
  | 'authentication_tag'
  | 'extra';

/** How a token is written. `unknown`: it does not look like a token. */
export type TokenForm = 'jws' | 'jwe' | 'jws_json' | 'jwe_json' | 'unknown';

/** What a token is for. {@link describeKind} says it in words. */
export type TokenKind =
  | 'access_token'
  | 'id_token'
  | 'logout_token'
  | 'security_event'
  | 'transaction_token'
  | 'dpop_proof'
  | 'client_assertion'
  | 'request_object'
  | 'introspection_response'
  | 'sd_jwt'
  | 'jwt'
  | 'nested_jwt'
  | 'encrypted_jwt'
  | 'signed_message'
  | 'opaque'
  | 'empty';

/** What is wrong with a place of a token. */
export type FaultCode =
  | 'empty'
  | 'not_a_jwt'
  | 'too_large'
  | 'json_serialization'
  | 'missing_segment'
  | 'extra_segment'
  | 'empty_segment'
  | 'padding'
  | 'standard_base64'
  | 'whitespace'
  | 'invalid_character'
  | 'impossible_length'
  | 'non_canonical'
  | 'invalid_utf8'
  | 'byte_order_mark'
  | 'invalid_json'
  | 'not_an_object'
  | 'duplicate_member'
  | 'number_out_of_range'
  | 'unsafe_integer'
  | 'lone_surrogate'
  | 'too_deep'
  | 'disclosures';

/** A place of a token that breaks a rule (`error`), or that readers may read differently (`note`). */
export interface Fault {
  readonly code: FaultCode;
  readonly severity: 'error' | 'note';
  readonly segment?: SegmentName;
  /** Where it begins in {@link DecodedToken.text}, in UTF-16 code units. */
  readonly offset: number;
  readonly length: number;
  /** Where it is in the decoded JSON of the segment. */
  readonly json?: JsonPosition;
  /** One sentence that says what is wrong. */
  readonly message: string;
}

/** A part of a token between two dots. */
export interface Segment {
  readonly name: SegmentName;
  /** The text of the segment as it was given. */
  readonly raw: string;
  /** Where it begins in {@link DecodedToken.text}, in UTF-16 code units. */
  readonly start: number;
  readonly end: number;
  /** As many bytes as could be decoded. */
  readonly bytes: Uint8Array;
  /** The bytes as UTF-8, with U+FFFD for each invalid sequence. Absent for segments that are not text. */
  readonly text?: string;
  /** Absent if the text does not look like JSON. */
  readonly json?: JsonDocument;
}

/** Sizes in bytes. */
export interface TokenSizes {
  readonly token: number;
  readonly header: number;
  readonly payload: number;
  readonly signature: number;
}

/** All that could be decoded of a text. Nothing in it is verified. */
export interface DecodedToken {
  /** The text that offsets refer to: what was given, without white space around it. */
  readonly text: string;
  readonly form: TokenForm;
  readonly kind: TokenKind;
  /** Whether the token names its kind (`typ`), rather than only looks like it. */
  readonly kindIsDeclared: boolean;
  readonly segments: readonly Segment[];
  /** The members of the header: an empty object unless it is a JSON object. */
  readonly header: Readonly<Record<string, unknown>>;
  /** Those of them that the signature does not protect, which only a JSON serialization has (RFC 7515 §7.2.1). */
  readonly unprotected?: JsonDocument;
  /** The claims. Absent unless the payload is a JSON object. */
  readonly claims?: Readonly<Record<string, unknown>>;
  /** The token that is the payload of this one (RFC 7519 §5.2). */
  readonly nested?: DecodedToken;
  readonly faults: readonly Fault[];
  readonly sizes: TokenSizes;
}
