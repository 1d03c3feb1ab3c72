import { KeyEncryption, KeyRing, SigningKeyStore } from '@latchkey/issuer';
import { LOGGER } from '@latchkey/service-kit';
import { Module } from '@nestjs/common';
import type { Logger } from 'pino';
import { getRepositoryToken, TypeOrmModule } from '@nestjs/typeorm';
import type { Repository } from 'typeorm';
import { ServiceClock } from '../platform/clock/service-clock.js';
import { RELAY } from '../platform/relay-database.js';
import { KeyEncryptionWatch } from './key-encryption-watch.js';
import { KeyMaintenance } from './key-maintenance.js';
import { keyPolicy } from './key-timing.js';
import { JwksController } from './jwks/jwks.controller.js';
import { ServerMetadataController } from './jwks/server-metadata.controller.js';
import {
  ConfigurableModuleClass,
  KEYS_OPTIONS,
  type KeysModuleOptions,
} from './keys.module-definition.js';
import { PostgresSigningKeyStore } from './postgres-signing-key-store.js';
import { SigningKeyEntity } from './signing-key.entity.js';
import { TokenLifetimeEntity } from './token-lifetime.entity.js';
import { TokenLifetimes } from './token-lifetimes.js';

/**
 * Stores the signing keys in Postgres, encrypted, rotates them, and publishes the JWKS. Also records which token
 * lifetimes have been in use, because a key stays published as long as its tokens live.
 */
@Module({
  imports: [TypeOrmModule.forFeature([SigningKeyEntity, TokenLifetimeEntity], RELAY)],
  controllers: [JwksController, ServerMetadataController],
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
      inject: [KEYS_OPTIONS, PostgresSigningKeyStore, KeyEncryption, TokenLifetimes, LOGGER],
      useFactory: (
        options: KeysModuleOptions,
        store: SigningKeyStore,
        encryption: KeyEncryption,
        lifetimes: TokenLifetimes,
        log: Logger,
      ) =>
        new KeyRing({
          store,
          encryption,
          policy: keyPolicy(options, lifetimes),
          onReencrypted: (keyIds) =>
            log.info({ keyIds }, 'signing keys are encrypted with KEY_ENCRYPTION_KEY now'),
        }),
    },
    {
      provide: TokenLifetimes,
      inject: [getRepositoryToken(TokenLifetimeEntity, RELAY), ServiceClock, KEYS_OPTIONS],
      useFactory: (
        lifetimes: Repository<TokenLifetimeEntity>,
        clock: ServiceClock,
        options: KeysModuleOptions,
      ) => new TokenLifetimes(lifetimes, clock, options),
    },
    KeyEncryptionWatch,
    KeyMaintenance,
  ],
  exports: [KeyRing, PostgresSigningKeyStore, TokenLifetimes],
})
export class KeysModule extends ConfigurableModuleClass {}
