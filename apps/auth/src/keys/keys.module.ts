import { KeyEncryption, KeyRing, SigningKeyStore } from '@latchkey/issuer';
import { Module } from '@nestjs/common';
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
      provide: KeyRing,
      inject: [KEYS_OPTIONS, PostgresSigningKeyStore],
      useFactory: (options: KeysModuleOptions, store: SigningKeyStore) =>
        new KeyRing({
          store,
          encryption: new KeyEncryption(options.keyEncryptionKey),
          policy: keyPolicy(options),
        }),
    },
    KeyMaintenance,
  ],
  exports: [KeyRing, PostgresSigningKeyStore],
})
export class KeysModule extends ConfigurableModuleClass {}
