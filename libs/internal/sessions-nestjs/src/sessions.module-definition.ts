import type { SessionsOptions, SessionStore } from '@latchkey/sessions';
import { ConfigurableModuleBuilder } from '@nestjs/common';

/** Options of {@link SessionsModule}. */
export interface SessionsModuleOptions extends Omit<SessionsOptions, 'now'> {
  /** Where sessions are kept. The application opens and closes it. */
  readonly store: SessionStore;
  /** `issuer` of the principals. */
  readonly issuer: string;
  /** Origins of the pages that may use the cookie, such as `https://shop.example.com`. */
  readonly origins: readonly string[];
}

/** Base class of {@link SessionsModule}, and the injection token of its options. */
export const { ConfigurableModuleClass, MODULE_OPTIONS_TOKEN: SESSIONS_OPTIONS } =
  new ConfigurableModuleBuilder<SessionsModuleOptions>({ moduleName: 'Sessions' })
    .setClassMethodName('forRoot')
    .setExtras({ isGlobal: true }, (definition, { isGlobal }) => ({
      ...definition,
      global: isGlobal,
    }))
    .build();
