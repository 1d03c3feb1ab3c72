/** A stored private key cannot be opened: the key-encryption key is not the one that closed it. */
export class KeyDecryptionError extends Error {
  override readonly name = 'KeyDecryptionError';
  constructor(
    readonly keyId: string,
    options?: ErrorOptions,
  ) {
    super(
      `signing key ${keyId} cannot be decrypted: KEY_ENCRYPTION_KEY is not the one it was stored under`,
      options,
    );
  }
}

/** Nothing can be signed now: no key was loaded yet, or not recently enough to know it is still good. */
export class SigningUnavailableError extends Error {
  override readonly name = 'SigningUnavailableError';
  constructor(
    readonly code: 'not_loaded' | 'not_fresh',
    options?: ErrorOptions,
  ) {
    super(`cannot sign: key ring ${code}`, options);
  }
}
