import { documentedCallers, wrongCaller } from '@latchkey/service-authentication';
import {
  environment,
  notFound,
  problemOf,
  ProblemError,
  unavailable,
  type ErrorExamples,
  type ServiceOptions,
} from '@latchkey/service-kit';
import * as shop from '@latchkey/shop-contracts';
import { AppModule } from './app.module.js';
import type { Config } from './config.js';
import { orderInProgress } from './place-order/order-store.js';

/** Examples for the OpenAPI document. */
const ERRORS: ErrorExamples = {
  402: problemOf(new ProblemError(402, 'payment_declined', 'The payment was declined')),
  403: problemOf(wrongCaller('The token must be the own token of inventory')),
  404: problemOf(notFound('order')),
  409: problemOf(orderInProgress()),
  'placeOrder 503': problemOf(unavailable('payments_unavailable', 'payments cannot be reached')),
};

export const ordersOptions = (config: Config): ServiceOptions => ({
  name: 'orders',
  module: AppModule.forRoot(config),
  ...environment.listening(config),
  openApi: {
    title: 'Orders',
    description: 'Places orders across inventory and payments',
    tags: { orders: 'Orders, their payment and their settlement' },
    schemas: [shop],
    examples: shop.SHOP_EXAMPLES,
    errors: ERRORS,
    callers: documentedCallers(config, config.AUTH_MODE),
  },
});
