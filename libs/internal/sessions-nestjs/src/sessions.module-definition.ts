import type { SessionsOptions, SessionStore } from '@latchkey/sessions';
import { ConfigurableModuleBuilder } from '@nestjs/common';

export interface SessionsModuleOptions extends Omit<SessionsOptions, 'now'> {
  readonly store: SessionStore;
  /** Whose sessions these are: `issuer` of their principals. */
  readonly issuer: string;
  /** Of the pages that may use the cookie, such as `https://shop.example.com`. */
  readonly origins: readonly string[];
}

/** What {@link SessionsModule} extends, and the token that its options are injected by. */
export const { ConfigurableModuleClass, MODULE_OPTIONS_TOKEN: SESSIONS_OPTIONS } =
  new ConfigurableModuleBuilder<SessionsModuleOptions>({ moduleName: 'Sessions' })
    .setClassMethodName('forRoot')
    .setExtras({ isGlobal: true }, (definition, { isGlobal }) => ({
      ...definition,
      global: isGlobal,
    }))
    .build();
