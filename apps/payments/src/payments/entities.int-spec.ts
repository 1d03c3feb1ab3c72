import { describeEntities } from '@latchkey/service-kit/suite/entities';
import { Payments1700000003100 } from '../migrations/1700000003100-payments.js';
import { PaymentEntity } from './payment.entity.js';

describeEntities([PaymentEntity], [Payments1700000003100]);
