import type { FieldProblem } from '@latchkey/contracts';

export interface ProblemDetails {
  /** What the caller can do about it. */
  readonly detail?: string;
  readonly errors?: readonly FieldProblem[];
  readonly headers?: Readonly<Record<string, string>>;
  /** Further members of the document (RFC 9457 §3.2). */
  readonly extensions?: Readonly<Record<string, unknown>>;
  readonly cause?: unknown;
}

/** An error that is answered with a problem document (RFC 9457). */
export class ProblemError extends Error {
  override readonly name = 'ProblemError';
  constructor(
    readonly status: number,
    /** A stable code for programs, such as `out_of_stock`. */
    readonly code: string,
    readonly title: string,
    readonly details: ProblemDetails = {},
  ) {
    super(title, { cause: details.cause });
  }
}

/**
 * A 404 with the code `<resource>_not_found`.
 *
 * @param resource the name of the resource in snake case, such as `order` or `signing_key`
 */
export function notFound(resource: string): ProblemError {
  const words = resource.replaceAll('_', ' ');
  const title = `${words.charAt(0).toUpperCase()}${words.slice(1)} not found`;
  return new ProblemError(404, `${resource}_not_found`, title);
}

/** A 400 for a header that must be sent once. @param header its name in lower case */
export const duplicateHeader = (header: string): ProblemError =>
  new ProblemError(400, 'duplicate_header', 'A header was sent more than once', {
    detail: `${header}: send it once`,
    errors: [{ in: 'header', field: header, message: 'sent more than once' }],
  });

/** A 503 for a dependency that is temporarily unavailable. */
export function unavailable(code: string, title: string, cause?: unknown): ProblemError {
  return new ProblemError(503, code, title, { headers: { 'retry-after': '1' }, cause });
}
