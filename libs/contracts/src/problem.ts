import { z } from 'zod';

/** An invalid field of a request. */
export const FieldProblem = z.object({
  /** The part of the request that contains the field. */
  in: z.enum(['body', 'query', 'path', 'header']),
  /** A JSON Pointer (RFC 6901) such as `/items/0/quantity` in a body, a name elsewhere. */
  field: z.string(),
  /** An English sentence about the field, for developers. It does not quote the value. */
  message: z.string(),
});
export type FieldProblem = z.infer<typeof FieldProblem>;

/** A problem document (RFC 9457 §3). */
export const Problem = z.object({
  /** A URI that identifies the kind of problem: `urn:latchkey:problem:<code>`. */
  type: z.string(),
  /** An English sentence, the same for every problem of this type. */
  title: z.string(),
  /** The HTTP status code. */
  status: z.number().int(),
  /** What happened in this case, and what to do. */
  detail: z.string().optional(),
  /** A stable identifier for programs to switch on. */
  code: z.string(),
  /** The request id (`x-request-id`), to find the request in logs. */
  requestId: z.string().optional(),
  /** The invalid fields, for a problem about a request's content. */
  errors: z.array(FieldProblem).optional(),
});
export type Problem = z.infer<typeof Problem>;

/** The media type of {@link Problem} (RFC 9457 §3). */
export const PROBLEM_MEDIA_TYPE = 'application/problem+json';
