import { describeEntities } from '@latchkey/service-kit/suite/entities';
import { MIGRATIONS } from '../migrations/index.js';
import { OrderEntity } from './order.entity.js';

describeEntities([OrderEntity], MIGRATIONS);
