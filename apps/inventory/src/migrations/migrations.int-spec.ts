import { describeMigrations } from '@latchkey/service-kit/suite/migrations';
import { Products1700000002100 } from './1700000002100-products.js';
import { Reservations1700000002200 } from './1700000002200-reservations.js';

describeMigrations([Products1700000002100, Reservations1700000002200], {
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
