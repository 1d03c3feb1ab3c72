import { describeEntities } from '@latchkey/service-kit/suite/entities';
import { StoredSessionEntity } from './stored-session.entity.js';
import { StoredSessions1700000006100 } from './stored-sessions.migration.js';

describeEntities([StoredSessionEntity], [StoredSessions1700000006100]);
