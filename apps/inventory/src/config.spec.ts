import { authenticationRows, minimalAuthentication } from '@latchkey/service-authentication/suite';
import {
  describeEnvironment,
  SECONDS,
  minimalService,
  NAME,
  serviceRows,
} from '@latchkey/service-kit/suite';
import { readFileSync } from 'node:fs';
import { Environment } from './config.js';

const CONFIGURATION = readFileSync(
  new URL('../../../docs/configuration.md', import.meta.url),
  'utf8',
);

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
  it.each(Object.keys(Environment.shape))('documents %s in docs/configuration.md', (name) => {
    expect(CONFIGURATION).toMatch(new RegExp(`^\\|[^|]*\`${name}\``, 'm'));
  });

  describeEnvironment(Environment, rows, minimal);
});
