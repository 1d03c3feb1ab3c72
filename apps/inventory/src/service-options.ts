import { documentedCallers } from '@latchkey/service-authentication';
import { environment, type ServiceOptions } from '@latchkey/service-kit';
import { AppModule } from './app.module.js';
import type { Config } from './config.js';

export const inventoryOptions = (config: Config): ServiceOptions => ({
  name: 'inventory',
  module: AppModule.forRoot(config),
  ...environment.listening(config),
  openApi: {
    title: 'Inventory',
    description: 'Manages products, their stock, and reservations for orders',
    callers: documentedCallers(config, config.AUTH_MODE),
  },
});
