import { describeEntities } from '@latchkey/service-kit/suite/entities';
import { MIGRATIONS } from '../migrations/index.js';
import { ProductEntity } from '../products/product.entity.js';
import { ReservationLineEntity } from './reservation-line.entity.js';
import { ReservationEntity } from './reservation.entity.js';

describeEntities([ProductEntity, ReservationEntity, ReservationLineEntity], MIGRATIONS);
