import { authenticationRows, minimalAuthentication } from '@latchkey/service-authentication/suite';
import {
  describeConfigurationTable,
  describeEnvironment,
  minimalService,
  NAME,
  serviceRows,
} from '@latchkey/service-kit/suite';
import { Environment } from './config.js';

const rows = {
  ...serviceRows,
  ...authenticationRows,
  AUDIENCE: { good: 'things', absent: 'payments', ...NAME },
} as const;
const minimal = {
  ...minimalService,
  ...minimalAuthentication,
};

describe('the environment', () => {
  describeEnvironment(Environment, rows, minimal);
  describeConfigurationTable('payments', Environment, rows, minimal);
});
