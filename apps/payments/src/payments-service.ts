import { documentedCallers } from '@latchkey/service-authentication';
import type { ServiceOptions } from '@latchkey/service-kit';
import { AppModule } from './app.module.js';
import type { Config } from './config.js';

export const paymentsService = (config: Config): ServiceOptions => ({
  name: 'payments',
  module: AppModule.forRoot(config),
  host: config.HOST,
  port: config.PORT,
  logLevel: config.LOG_LEVEL,
  openApi: {
    title: 'Payments',
    description: 'Charges orders through a processor for tests',
    callers: documentedCallers(config, config.AUTH_MODE),
  },
});
