import { describeEntities } from '@latchkey/service-kit/suite/entities';
import { ENTITIES, MIGRATIONS } from './database.js';

describeEntities(ENTITIES, MIGRATIONS);
