import { documentedCallers } from '@latchkey/service-authentication';
import { environment, type ServiceOptions } from '@latchkey/service-kit';
import * as shop from '@latchkey/shop-contracts';
import { AppModule } from './app.module.js';
import type { Config } from './config.js';

export const paymentsOptions = (config: Config): ServiceOptions => ({
  name: 'payments',
  module: AppModule.forRoot(config),
  ...environment.listening(config),
  openApi: {
    title: 'Payments',
    description: 'Charges orders through a test processor',
    tags: { payments: 'Charges, refunds and cancellations' },
    schemas: [shop],
    callers: documentedCallers(config, config.AUTH_MODE),
  },
});
