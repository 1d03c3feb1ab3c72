import { authenticationRows, minimalAuthentication } from '@latchkey/service-authentication/suite';
import { loadConfig } from '@latchkey/service-kit';
import {
  describeConfigurationTable,
  describeEnvironment,
  HTTP_URL,
  SECONDS,
  minimalService,
  NAME,
  serviceRows,
} from '@latchkey/service-kit/suite';
import { Environment } from './config.js';

const rows = {
  ...serviceRows,
  ...authenticationRows,
  AUDIENCE: { good: 'things', absent: 'inventory', ...NAME },
  RESERVATION_SECONDS: { good: '1', reads: 1, absent: 120, ...SECONDS },
  EXPIRY_SWEEP_SECONDS: { good: '1', reads: 1, absent: 5, ...SECONDS },
  ORDERS_URL: {
    good: 'http://orders:4010',
    ...HTTP_URL,
    with: { CLIENT_ID: 'inventory', CLIENT_SECRET: 'hunter2' },
  },
  RECONCILE_AFTER_SECONDS: { good: '1', reads: 1, absent: 3_600, ...SECONDS },
  RECONCILE_EVERY_SECONDS: { good: '1', reads: 1, absent: 86_400, ...SECONDS },
} as const;
const minimal = {
  ...minimalService,
  ...minimalAuthentication,
};

describe('the environment', () => {
  it('needs client credentials to ask orders', () => {
    const asking = { ...minimal, ORDERS_URL: 'http://orders:4010' };
    expect(() => loadConfig(Environment, asking)).toThrow(/CLIENT_ID is not set: .* ORDERS_URL/);
  });
  describeEnvironment(Environment, rows, minimal);
  describeConfigurationTable('inventory', Environment, rows, minimal);
});
