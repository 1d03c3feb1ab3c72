import { describeMigrations } from '@latchkey/service-kit/suite/migrations';
import { MIGRATIONS } from './index.js';

describeMigrations(MIGRATIONS, {
  growing: {
    reservations: `INSERT INTO reservations (user_id, order_id, state, total_minor_units, currency,
                                             expires_at)
                   SELECT 'ada', gen_random_uuid(), 'held', n, 'EUR', now()
                   FROM generate_series(1, $1::int) AS n`,
    reservation_lines: `INSERT INTO reservation_lines
                        SELECT reservations.id, 1, products.id, 1, 1
                        FROM reservations, (SELECT id FROM products LIMIT 1) AS products LIMIT $1`,
  },
  small: ['products'],
});
