import { documentedCallers, wrongCaller } from '@latchkey/service-authentication';
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
  'settlePayments 403': problemOf(wrongCaller('The token must be the own token of orders')),
  404: problemOf(notFound('payment')),
};

export const paymentsOptions = (config: Config): ServiceOptions => ({
  name: 'payments',
  module: AppModule.forRoot(config),
  ...environment.listening(config),
  openApi: {
    title: 'Payments',
    description: 'Charges orders through a test processor',
    tags: { payments: 'Charges, refunds and cancellations' },
    schemas: [shop],
    examples: shop.SHOP_EXAMPLES,
    errors: ERRORS,
    callers: documentedCallers(config, config.AUTH_MODE),
  },
});
