import { authenticationRows, minimalAuthentication } from '@latchkey/service-authentication/suite';
import {
  describeConfigurationTable,
  describeEnvironment,
  HTTP_URL,
  SECONDS,
  required,
  minimalService,
  NAME,
  serviceRows,
} from '@latchkey/service-kit/suite';
import { Environment } from './config.js';

const rows = {
  ...serviceRows,
  ...authenticationRows,
  CLIENT_ID: { ...authenticationRows.CLIENT_ID, absent: required },
  CLIENT_SECRET: { ...authenticationRows.CLIENT_SECRET, absent: required },
  AUDIENCE: { good: 'things', absent: 'orders', ...NAME },
  INVENTORY_URL: { good: 'http://inventory:4020', absent: required, ...HTTP_URL },
  PAYMENTS_URL: { good: 'http://payments:4030', absent: required, ...HTTP_URL },
  ORDER_LEASE_SECONDS: {
    ...{ good: '20', reads: 20, absent: 15 },
    wrongType: SECONDS.wrongType,
    outOfRange: ['4', '-1', '1e12'],
  },
  SETTLE_AFTER_SECONDS: { good: '1', reads: 1, absent: 900, ...SECONDS },
  ABANDONED_SWEEP_SECONDS: { good: '1', reads: 1, absent: 60, ...SECONDS },
} as const;
const minimal = {
  ...minimalService,
  ...minimalAuthentication,
  INVENTORY_URL: 'http://inventory:4020',
  PAYMENTS_URL: 'http://payments:4030',
  CLIENT_ID: 'orders',
  CLIENT_SECRET: 'hunter2',
};

describe('the environment', () => {
  describeEnvironment(Environment, rows, minimal);
  describeConfigurationTable('orders', Environment, rows, minimal);
});
