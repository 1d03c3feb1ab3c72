import { z } from 'zod';

/**
 * The version of what services of different releases say to each other. This release writes none,
 * which means 1, and refuses any other: a newer one is for what an older reader would misread.
 * Members that it may ignore need no new version. See ADR 0029.
 */
export const WireVersion = z.literal(1).optional();
