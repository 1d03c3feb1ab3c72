import { ConfigurableModuleBuilder } from '@nestjs/common';

export interface KeysModuleOptions {
  /** 32 bytes; opens and closes the private keys at rest. */
  keyEncryptionKey: Uint8Array;
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
