import { describeMigrations } from '@latchkey/service-kit/suite/migrations';
import { MIGRATIONS } from './index.js';

describeMigrations(MIGRATIONS, {
  growing: {
    orders: `INSERT INTO orders (user_id, idempotency_key, request_hash, payment_method, state, lines,
                                 leased_until)
             SELECT 'ada', n, '', 'card', 'pending', '[]', now()
             FROM generate_series(1, $1::int) AS n`,
  },
  small: [],
});
