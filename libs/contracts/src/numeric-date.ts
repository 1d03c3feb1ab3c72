import { z } from 'zod';

/** A time in whole seconds since 1970 (RFC 7519 §2). */
export const NumericDate = z.number().int().nonnegative();
