/** How the text of a key was written. */
export type KeyForm = 'jwk' | 'jwks' | 'public_pem' | 'private_pem' | 'certificate' | 'secret';

/** How the bytes of a shared secret were read from its text. */
export type SecretReading = 'text' | 'text_within' | 'base64url' | 'hex';

/** The public members of a JWK, or those of a secret (RFC 7517, RFC 7518 §6). */
export type Jwk = Readonly<Record<string, unknown>>;

/** A key that signatures can be checked with. A private key is never kept: only its public half is. */
export interface InspectorKey {
  readonly form: KeyForm;
  /** `kty` of RFC 7517: `RSA`, `EC`, `OKP`, `oct`, or what the key says. */
  readonly type: string;
  readonly jwk: Jwk;
  readonly kid?: string;
  /** The only algorithm that the key may be used with. */
  readonly alg?: string;
  /** The size of an RSA modulus or of a secret. */
  readonly bits?: number;
  /** The curve of an EC or OKP key. */
  readonly curve?: string;
  /** Absent unless the key is a shared secret that was not a JWK. */
  readonly reading?: SecretReading;
  /** Such as “RSA key of 2048 bits”. */
  readonly description: string;
  /** The text of a public key or certificate, without a line break at its end. Never that of a private key. */
  readonly pem?: string;
  /** Why no signature can be checked with it. */
  readonly unusable?: string;
}

/** What a note about keys says. */
export type KeyNoteCode =
  | 'empty'
  | 'not_a_key'
  | 'damaged_key'
  | 'unsupported_key'
  | 'encrypted_key'
  | 'private_key'
  | 'no_keys'
  | 'duplicate_kid'
  | 'certificate_not_checked'
  | 'read_as_secret'
  | 'invisible_characters';

/** What is remarkable about a text with keys. An `error` means that a key could not be read. */
export interface KeyNote {
  readonly code: KeyNoteCode;
  readonly severity: 'error' | 'note';
  /** One sentence. */
  readonly message: string;
}

/** The keys of a text. */
export interface ReadKeys {
  /** Absent if nothing was recognized. */
  readonly form?: KeyForm;
  readonly keys: readonly InspectorKey[];
  readonly notes: readonly KeyNote[];
}
