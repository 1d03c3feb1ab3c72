import { Products1700000002100 } from './1700000002100-products.js';
import { Reservations1700000002200 } from './1700000002200-reservations.js';
import { ReconciledReservations1700000002300 } from './1700000002300-reconciled-reservations.js';
import { ReservationsToReconcile1700000002310 } from './1700000002310-reservations-to-reconcile.js';

/** The migrations, in the order in which they run. */
export const MIGRATIONS = [
  Products1700000002100,
  Reservations1700000002200,
  ReconciledReservations1700000002300,
  ReservationsToReconcile1700000002310,
];
