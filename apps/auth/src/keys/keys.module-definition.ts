import { ConfigurableModuleBuilder } from '@nestjs/common';

export interface KeysModuleOptions {
  /** The exact `iss`: the public base URL without a trailing slash. */
  issuer: string;
  /** 32 bytes; encrypts and decrypts the private keys at rest. */
  keyEncryptionKey: Uint8Array;
  /** Only decrypts: replicas that have it already as {@link keyEncryptionKey} run beside this one. */
  nextKeyEncryptionKey?: Uint8Array | undefined;
  /** Only decrypts; what it decrypts is encrypted anew. */
  previousKeyEncryptionKey?: Uint8Array | undefined;
  /** The longest life of a token that these keys sign. */
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
