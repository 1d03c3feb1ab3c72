import { KeyEncryption, KeyRing, SigningKeyStore } from '@latchkey/issuer';
import { LOGGER } from '@latchkey/service-kit';
import { Module } from '@nestjs/common';
import type { Logger } from 'pino';
import { KeyEncryptionWatch } from './key-encryption-watch.js';
import { KeyMaintenance } from './key-maintenance.js';
import { keyPolicy } from './key-timing.js';
import {
  ConfigurableModuleClass,
  KEYS_OPTIONS,
  type KeysModuleOptions,
} from './keys.module-definition.js';
import { PostgresSigningKeyStore } from './postgres-signing-key-store.js';

@Module({
  providers: [
    PostgresSigningKeyStore,
    {
      provide: KeyEncryption,
      inject: [KEYS_OPTIONS],
      useFactory: (options: KeysModuleOptions) =>
        new KeyEncryption(options.keyEncryptionKey, {
          next: options.nextKeyEncryptionKey,
          previous: options.previousKeyEncryptionKey,
        }),
    },
    {
      provide: KeyRing,
      inject: [KEYS_OPTIONS, PostgresSigningKeyStore, KeyEncryption, LOGGER],
      useFactory: (
        options: KeysModuleOptions,
        store: SigningKeyStore,
        encryption: KeyEncryption,
        log: Logger,
      ) =>
        new KeyRing({
          store,
          encryption,
          policy: keyPolicy(options),
          onReencrypted: (keyIds) =>
            log.info({ keyIds }, 'signing keys are encrypted with KEY_ENCRYPTION_KEY now'),
        }),
    },
    KeyEncryptionWatch,
    KeyMaintenance,
  ],
  exports: [KeyRing, PostgresSigningKeyStore],
})
export class KeysModule extends ConfigurableModuleClass {}
