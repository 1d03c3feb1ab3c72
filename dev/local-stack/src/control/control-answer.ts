import { PROBLEM_MEDIA_TYPE, type Problem } from '@latchkey/contracts';
import { STATUS_CODES } from 'node:http';

/** A response of the control server. */
export interface ControlAnswer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly type?: string;
  readonly body?: string;
}

export const jsonAnswer = (status: number, value: unknown): ControlAnswer => ({
  status,
  type: 'application/json',
  body: JSON.stringify(value),
});

/** A refusal, which is answered with a problem document (RFC 9457). */
export class ControlProblem extends Error {
  override readonly name = 'ControlProblem';
  constructor(
    readonly status: number,
    readonly code: string,
    detail: string,
    readonly headers: Readonly<Record<string, string>> = {},
  ) {
    super(detail);
  }

  get answer(): ControlAnswer {
    const { status, code, message: detail, headers } = this;
    const title = STATUS_CODES[status] ?? 'Error';
    const problem: Problem = { type: `urn:latchkey:problem:${code}`, title, status, code, detail };
    return { status, headers, type: PROBLEM_MEDIA_TYPE, body: JSON.stringify(problem) };
  }
}
