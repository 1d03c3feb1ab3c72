import { describeMigrations } from '@latchkey/service-kit/suite/migrations';
import { Payments1700000003100 } from './1700000003100-payments.js';

describeMigrations([Payments1700000003100], {
  growing: {
    payments: `INSERT INTO payments (user_id, order_id, state, amount_minor_units, currency, method)
               SELECT 'ada', gen_random_uuid(), 'captured', n, 'EUR', 'card'
               FROM generate_series(1, $1::int) AS n`,
  },
  small: [],
});
