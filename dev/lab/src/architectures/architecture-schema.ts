import { z } from 'zod';
import { ARCHITECTURES, PART_LABELS, type SharedPart } from './architecture.js';

/** Those that this version knows. */
export const architectureIdSchema = z.enum(ARCHITECTURES.map(({ id }) => id));

export const sharedPartSchema = z.enum(Object.keys(PART_LABELS) as SharedPart[]);
