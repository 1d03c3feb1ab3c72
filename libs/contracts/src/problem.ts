import { z } from 'zod';

/** An invalid field of a request. */
export const FieldProblem = z.object({
  /** The part of the request that contains the field. */
  in: z.enum(['body', 'query', 'path', 'header']),
  /** A JSON Pointer (RFC 6901) such as `/items/0/quantity` in a body, a name elsewhere. */
  field: z.string(),
  message: z.string(),
});
export type FieldProblem = z.infer<typeof FieldProblem>;

/** A problem document (RFC 9457 §3). */
export const Problem = z.object({
  type: z.string(),
  title: z.string(),
  status: z.number().int(),
  detail: z.string().optional(),
  /** A stable identifier for programs to switch on. */
  code: z.string(),
  requestId: z.string().optional(),
  errors: z.array(FieldProblem).optional(),
});
export type Problem = z.infer<typeof Problem>;

/** The media type of {@link Problem} (RFC 9457 §3). */
export const PROBLEM_MEDIA_TYPE = 'application/problem+json';
