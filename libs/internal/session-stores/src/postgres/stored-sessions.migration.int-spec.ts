import { describeMigrations } from '@latchkey/service-kit/suite/migrations';
import { StoredSessions1700000006100 } from './stored-sessions.migration.js';

describeMigrations([StoredSessions1700000006100], {
  growing: {
    stored_sessions: `INSERT INTO stored_sessions
                      SELECT n, '', 'ada', 'web', '{}', NULL, 0, 0, 0, 0, now()
                      FROM generate_series(1, $1::int) AS n`,
  },
  small: [],
});
