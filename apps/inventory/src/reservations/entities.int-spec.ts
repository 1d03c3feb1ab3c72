import { describeEntities } from '@latchkey/service-kit/suite/entities';
import { Products1700000002100 } from '../migrations/1700000002100-products.js';
import { Reservations1700000002200 } from '../migrations/1700000002200-reservations.js';
import { ProductEntity } from '../products/product.entity.js';
import { ReservationLineEntity } from './reservation-line.entity.js';
import { ReservationEntity } from './reservation.entity.js';

describeEntities(
  [ProductEntity, ReservationEntity, ReservationLineEntity],
  [Products1700000002100, Reservations1700000002200],
);
