import { KeyEncryption, KeyRing, type KeyEncryptionState } from '@latchkey/issuer';
import { LOGGER, MetricsRegistry } from '@latchkey/service-kit';
import { Inject, Injectable } from '@nestjs/common';
import type { Logger } from 'pino';

/** Reports the progress and failures of a change of the key-encryption key. */
@Injectable()
export class KeyEncryptionWatch {
  #lastMessage: string | undefined;

  constructor(
    private readonly ring: KeyRing,
    private readonly encryption: KeyEncryption,
    @Inject(LOGGER) private readonly log: Logger,
    metrics: MetricsRegistry,
  ) {
    metrics.gauge(
      'latchkey_signing_keys_undecryptable',
      'Private keys in the database that this replica cannot decrypt',
      () => ring.encryption.undecryptable.length,
    );
    metrics.gauge(
      'latchkey_signing_keys_under_previous_key',
      'Private keys in the database that are still encrypted with KEY_ENCRYPTION_KEY_PREVIOUS',
      () => ring.encryption.encryptedWith.previous,
    );
  }

  /** Shown to operators in `/health/ready`. */
  get report(): Pick<KeyEncryptionState, 'encryptedWith'> & { undecryptable: string[] } {
    const { encryptedWith, undecryptable } = this.ring.encryption;
    return { encryptedWith, undecryptable: undecryptable.map(({ keyId }) => keyId) };
  }

  /** Logs the state if it has changed since the last call. */
  logChanges(): void {
    const { encryptedWith, undecryptable } = this.ring.encryption;
    const [error] = undecryptable;
    const message = error?.message ?? this.#progress(encryptedWith);
    if (message === this.#lastMessage) return;
    this.#lastMessage = message;
    const { fingerprints } = this.encryption;
    this.log[error ? 'error' : 'info']({ fingerprints, ...this.report }, message);
  }

  #progress({ previous, next }: KeyEncryptionState['encryptedWith']): string {
    const { fingerprints } = this.encryption;
    if (fingerprints.next !== undefined)
      return 'KEY_ENCRYPTION_KEY_NEXT is known: make it KEY_ENCRYPTION_KEY when every replica says so';
    if (previous + next > 0)
      return 'some signing keys are not encrypted with KEY_ENCRYPTION_KEY yet';
    if (fingerprints.previous === undefined)
      return 'every signing key is encrypted with KEY_ENCRYPTION_KEY';
    return (
      'every signing key is encrypted with KEY_ENCRYPTION_KEY: ' +
      'remove KEY_ENCRYPTION_KEY_PREVIOUS when every replica says so'
    );
  }
}
