import { documentedCallers } from '@latchkey/service-authentication';
import { environment, type ServiceOptions } from '@latchkey/service-kit';
import * as shop from '@latchkey/shop-contracts';
import { AppModule } from './app.module.js';
import type { Config } from './config.js';

export const inventoryOptions = (config: Config): ServiceOptions => ({
  name: 'inventory',
  module: AppModule.forRoot(config),
  ...environment.listening(config),
  openApi: {
    title: 'Inventory',
    description: 'Manages products, their stock, and reservations for orders',
    tags: {
      products: 'Products and how many are available',
      reservations: 'Stock that is held for orders',
    },
    schemas: [shop],
    callers: documentedCallers(config, config.AUTH_MODE),
  },
});
