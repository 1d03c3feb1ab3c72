import { z } from 'zod';

/**
 * The version of a message between services of different releases. This release omits it, which means
 * 1, and rejects any other version. Only changes that an older reader would misread need a new version;
 * members that it may ignore do not. See ADR 0029.
 */
export const WireVersion = z.literal(1).optional();
