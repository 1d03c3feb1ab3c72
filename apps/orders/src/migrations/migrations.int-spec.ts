import { describeMigrations } from '@latchkey/service-kit/suite/migrations';
import { Orders1700000004100 } from './1700000004100-orders.js';

describeMigrations([Orders1700000004100], {
  growing: {
    orders: `INSERT INTO orders (user_id, idempotency_key, request_hash, payment_method, state, lines,
                                 leased_until)
             SELECT 'ada', n, '', 'card', 'pending', '[]', now()
             FROM generate_series(1, $1::int) AS n`,
  },
  small: [],
});
