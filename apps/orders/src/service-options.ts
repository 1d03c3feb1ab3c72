import { documentedCallers } from '@latchkey/service-authentication';
import { environment, type ServiceOptions } from '@latchkey/service-kit';
import * as shop from '@latchkey/shop-contracts';
import { AppModule } from './app.module.js';
import type { Config } from './config.js';

export const ordersOptions = (config: Config): ServiceOptions => ({
  name: 'orders',
  module: AppModule.forRoot(config),
  ...environment.listening(config),
  openApi: {
    title: 'Orders',
    description: 'Places orders across inventory and payments',
    tags: { orders: 'Orders, their payment and their settlement' },
    schemas: [shop],
    callers: documentedCallers(config, config.AUTH_MODE),
  },
});
