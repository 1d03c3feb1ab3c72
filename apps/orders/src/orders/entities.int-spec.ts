import { describeEntities } from '@latchkey/service-kit/suite/entities';
import { Orders1700000004100 } from '../migrations/1700000004100-orders.js';
import { OrderEntity } from './order.entity.js';

describeEntities([OrderEntity], [Orders1700000004100]);
