import {
  documentedCallers,
  outsideTransaction,
  wrongCaller,
} from '@latchkey/service-authentication';
import {
  environment,
  notFound,
  problemOf,
  type ErrorExamples,
  type ServiceOptions,
} from '@latchkey/service-kit';
import * as shop from '@latchkey/shop-contracts';
import { AppModule } from './app.module.js';
import type { Config } from './config.js';

/** Examples for the OpenAPI document. */
const ERRORS: ErrorExamples = {
  403: problemOf(wrongCaller('The token must be one with which orders acts for a user')),
  'reserveStock 403': problemOf(outsideTransaction()),
  404: problemOf(notFound('reservation')),
  'getProduct 404': problemOf(notFound('product')),
};

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
    examples: shop.SHOP_EXAMPLES,
    errors: ERRORS,
    callers: documentedCallers(config, config.AUTH_MODE),
  },
});
