/** None of this replica's key-encryption keys decrypts a stored private key. */
export class KeyDecryptionError extends Error {
  override readonly name = 'KeyDecryptionError';
  constructor(
    readonly keyId: string,
    options?: ErrorOptions,
  ) {
    super(
      `signing key ${keyId} cannot be decrypted: it was encrypted with a key-encryption key that this replica does ` +
        'not have. Set that key as KEY_ENCRYPTION_KEY_PREVIOUS if it is older than KEY_ENCRYPTION_KEY, or as ' +
        'KEY_ENCRYPTION_KEY_NEXT if it is newer (docs/operations.md, "Change the key-encryption key"). ' +
        'Until then this replica does not create new signing keys.',
      options,
    );
  }
}

/** Nothing can be signed, because no signing key was loaded, or too long ago to know that it is still valid. */
export class SigningUnavailableError extends Error {
  override readonly name = 'SigningUnavailableError';
  constructor(
    readonly code: 'not_loaded' | 'not_fresh' | 'not_decrypted',
    options?: ErrorOptions,
  ) {
    super(`cannot sign: key ring ${code}`, options);
  }
}
