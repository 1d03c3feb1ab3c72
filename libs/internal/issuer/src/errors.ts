/** A stored private key cannot be decrypted with any key-encryption key that this replica has. */
export class KeyDecryptionError extends Error {
  override readonly name = 'KeyDecryptionError';
  constructor(
    readonly keyId: string,
    options?: ErrorOptions,
  ) {
    super(
      `signing key ${keyId} cannot be decrypted: it was encrypted with a key-encryption key that is not set here. ` +
        'Set it as KEY_ENCRYPTION_KEY_PREVIOUS if it is older than KEY_ENCRYPTION_KEY, as ' +
        'KEY_ENCRYPTION_KEY_NEXT if it is newer (docs/operations.md, "Change the key-encryption key"). ' +
        'This replica makes no new key instead.',
      options,
    );
  }
}

/** Nothing can be signed now: no key was loaded yet, or not recently enough to know it is still good. */
export class SigningUnavailableError extends Error {
  override readonly name = 'SigningUnavailableError';
  constructor(
    readonly code: 'not_loaded' | 'not_fresh' | 'not_decrypted',
    options?: ErrorOptions,
  ) {
    super(`cannot sign: key ring ${code}`, options);
  }
}
