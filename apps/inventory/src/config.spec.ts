import { authenticationRows, minimalAuthentication } from '@latchkey/service-authentication/suite';
import {
  describeConfigurationTable,
  describeEnvironment,
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
} as const;
const minimal = {
  ...minimalService,
  ...minimalAuthentication,
};

describe('the environment', () => {
  describeEnvironment(Environment, rows, minimal);
  describeConfigurationTable('inventory', Environment, rows, minimal);
});
