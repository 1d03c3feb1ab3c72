import { z } from 'zod';

/** One wrong field of a request, named by a JSON Pointer (RFC 6901) or a header or query name. */
export const FieldProblem = z.object({
  /** Where: `body`, `query`, `path` or `header`. */
  in: z.enum(['body', 'query', 'path', 'header']),
  /** `/items/0/quantity` in a body, a bare name elsewhere. */
  field: z.string(),
  message: z.string(),
});
export type FieldProblem = z.infer<typeof FieldProblem>;

/** A problem document (RFC 9457 §3), media type `application/problem+json`. */
export const Problem = z.object({
  type: z.string(),
  title: z.string(),
  status: z.number().int(),
  detail: z.string().optional(),
  /** A stable word for programs to switch on. */
  code: z.string(),
  requestId: z.string().optional(),
  errors: z.array(FieldProblem).optional(),
});
export type Problem = z.infer<typeof Problem>;

/** `Content-Type` of a {@link Problem} (RFC 9457 §3). */
export const PROBLEM_MEDIA_TYPE = 'application/problem+json';
