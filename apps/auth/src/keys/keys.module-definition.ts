import { ConfigurableModuleBuilder } from '@nestjs/common';

export interface KeysModuleOptions {
  /** The exact `iss`: the public base URL without a trailing slash. */
  issuer: string;
  /** 32 bytes. Encrypts the private keys at rest. */
  keyEncryptionKey: Uint8Array;
  /** Only decrypts. Lets this replica run next to others that already use it as {@link keyEncryptionKey}. */
  nextKeyEncryptionKey?: Uint8Array | undefined;
  /** Only decrypts. Keys that it decrypts are re-encrypted with {@link keyEncryptionKey}. */
  previousKeyEncryptionKey?: Uint8Array | undefined;
  /** The lifetime of the access tokens that this replica issues. */
  accessTokenLifetimeSeconds: number;
  publishAheadSeconds: number;
  rotationSeconds: number;
}

export const { ConfigurableModuleClass, MODULE_OPTIONS_TOKEN: KEYS_OPTIONS } =
  new ConfigurableModuleBuilder<KeysModuleOptions>({ moduleName: 'Keys' })
    .setClassMethodName('forRoot')
    .setExtras({ isGlobal: true }, (definition, { isGlobal }) => ({
      ...definition,
      global: isGlobal,
    }))
    .build();
