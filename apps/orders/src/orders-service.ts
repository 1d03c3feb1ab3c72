import { documentedCallers } from '@latchkey/service-authentication';
import { environment, type ServiceOptions } from '@latchkey/service-kit';
import { AppModule } from './app.module.js';
import type { Config } from './config.js';

export const ordersService = (config: Config): ServiceOptions => ({
  name: 'orders',
  module: AppModule.forRoot(config),
  ...environment.listening(config),
  openApi: {
    title: 'Orders',
    description: 'Orders, placed across inventory and payments',
    callers: documentedCallers(config, config.AUTH_MODE),
  },
});
