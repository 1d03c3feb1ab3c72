import {
  AUTHORITIES_FILE,
  DATABASE_URL,
  ORIGINS,
  SECONDS,
  type VariableRows,
} from '@latchkey/service-kit/suite';
import type { sessionEnvironment } from '../src/sessions/session-environment.js';

/** Valid and invalid values of the variables of `sessionEnvironment`. */
export const sessionRows: VariableRows<typeof sessionEnvironment> = {
  SESSION_STORE_URL: {
    good: 'REDISS://:hunter2@redis.example.com:6379/2',
    reads: 'rediss://:hunter2@redis.example.com:6379/2',
    wrongType: [
      'hunter2',
      'http://:hunter2@redis.example.com',
      'redis://:hunter2@ho\nst',
      '"redis://:hunter2@host"',
      'mysql://:hunter2@host/db',
    ],
    outOfRange: [
      ...DATABASE_URL.outOfRange,
      'redis://:hunter2@host/sessions',
      'rediss://:hunter2@host?ssl_cert_reqs=none',
    ],
  },
  SESSION_STORE_CA_FILE: {
    ...AUTHORITIES_FILE,
    with: { SESSION_STORE_URL: 'rediss://redis.example.com' },
  },
  SESSION_ORIGINS: { ...ORIGINS, fallback: 'the origin of `ISSUER`' },
  SESSION_STORE_TIMEOUT_SECONDS: {
    ...{ good: '0.5', reads: 0.5, absent: 2 },
    wrongType: SECONDS.wrongType,
    outOfRange: ['0', '-1', '601'],
  },
  SESSION_IDLE_SECONDS: { good: '60', reads: 60, absent: 1_800, ...SECONDS },
  SESSION_ABSOLUTE_SECONDS: { good: '60', reads: 60, absent: 43_200, ...SECONDS },
  ACCESS_TOKEN_COOKIE: {
    ...{ good: 'true', reads: true, absent: false },
    wrongType: ['maybe', 'TRUE', '1'],
    outOfRange: 'none',
  },
};
