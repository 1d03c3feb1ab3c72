import { CONTROL_KEY_HEADER, type StackHop, type StackReport } from '@latchkey/contracts/live';
import { BreakRequest, HopsRequest } from '@latchkey/contracts/live/schemas';
import { readFile } from 'node:fs/promises';
import type { IncomingMessage } from 'node:http';
import { UnknownPartError, type StackFaults } from '../faults/stack-faults.js';
import { jsonAnswer, ControlProblem, type ControlAnswer } from './control-answer.js';
import { readBody, refuseBody } from './control-body.js';
import type { ControlGuard } from './control-guard.js';
import { labFiguresOf, newestLabReport } from './lab-report.js';

export const LAB_REPORT_PATH = '/lab-report';

/** What the control server controls. */
export interface ControlledStack {
  readonly faults: StackFaults;
  /** Everything but the lab's report, which the server adds. */
  report(): Omit<StackReport, 'labReport'>;
  /** The calls of an order for the user with this token. @throws ControlProblem */
  hops(token: string): Promise<readonly StackHop[]>;
  /** The folder with the pages of the lab. */
  readonly labReports: string;
}

/** Even though the page has no scripts, nothing that it contains may reach this server. */
const LAB_REPORT_HEADERS = {
  'content-security-policy':
    "default-src 'none'; img-src data:; style-src 'unsafe-inline'; base-uri 'none'; " +
    "form-action 'none'; frame-ancestors 'none'; sandbox",
};

/** The routes of the control server. */
export class ControlRoutes {
  /** @param url of the server */
  constructor(
    private readonly stack: ControlledStack,
    private readonly guard: ControlGuard,
    private readonly url: string,
  ) {}

  /** @throws ControlProblem */
  async answer(request: IncomingMessage): Promise<ControlAnswer> {
    this.guard.checkSource(request);
    const { method, url = '' } = request;
    if (method === 'OPTIONS') return this.#preflight(request);
    // A link opens this page, so it cannot send a header. It has nothing but measurements.
    if (method === 'GET' && url === LAB_REPORT_PATH) return this.#labReport();
    const figures = method === 'GET' && labFiguresOf(this.stack.labReports, url);
    if (figures) return this.#labFigures(figures);
    this.guard.checkKey(request);
    return this.#controlAnswer(request, url);
  }

  async #controlAnswer(request: IncomingMessage, url: string): Promise<ControlAnswer> {
    const { method } = request;
    if (method === 'GET' && url === '/stack') return this.#stack(request);
    if (method === 'POST' && url === '/stack/faults') return this.#break(request);
    if (method === 'POST' && url === '/stack/hops') return this.#hops(request);
    const [, part] = /^\/stack\/faults\/([\w%:-]+)$/.exec(url) ?? [];
    if (method === 'DELETE' && part !== undefined) return this.#heal(request, part);
    throw new ControlProblem(
      404,
      'not_found',
      'GET /stack, POST /stack/hops, POST or DELETE /stack/faults',
    );
  }

  #preflight({ headers }: IncomingMessage): ControlAnswer {
    if (headers.origin === undefined)
      throw new ControlProblem(404, 'not_found', 'OPTIONS is for pages');
    return {
      status: 204,
      headers: {
        'access-control-allow-methods': 'GET, POST, DELETE',
        'access-control-allow-headers': `content-type, ${CONTROL_KEY_HEADER}`,
        'access-control-max-age': '600',
      },
    };
  }

  #stack(request: IncomingMessage): ControlAnswer {
    refuseBody(request);
    const found = newestLabReport(this.stack.labReports);
    const labReport = found
      ? { url: this.url + LAB_REPORT_PATH, writtenAtMilliseconds: found.writtenAtMilliseconds }
      : null;
    return jsonAnswer(200, { ...this.stack.report(), labReport });
  }

  async #hops(request: IncomingMessage): Promise<ControlAnswer> {
    const { token } = await readBody(request, HopsRequest);
    return jsonAnswer(200, { hops: await this.stack.hops(token) });
  }

  /** 202: the state of the part says when it is broken. */
  async #break(request: IncomingMessage): Promise<ControlAnswer> {
    const { part: name, seconds } = await readBody(request, BreakRequest);
    const { busy } = this.stack.report();
    if (busy !== null) throw new ControlProblem(409, 'busy', busy, { 'retry-after': '2' });
    const part = this.#part(400, name);
    void part.break(seconds);
    return jsonAnswer(202, part.status);
  }

  #heal(request: IncomingMessage, encoded: string): ControlAnswer {
    refuseBody(request);
    const part = this.#part(404, decoded(encoded));
    void part.heal();
    return jsonAnswer(202, part.status);
  }

  #part(status: number, name: string) {
    try {
      return this.stack.faults.part(name);
    } catch (error) {
      if (!(error instanceof UnknownPartError)) throw error;
      throw new ControlProblem(status, 'unknown_part', error.message);
    }
  }

  async #labReport(): Promise<ControlAnswer> {
    const found = newestLabReport(this.stack.labReports);
    if (!found) throw new ControlProblem(404, 'not_found', 'The lab has written no page yet');
    const body = await readFile(found.file, 'utf8');
    return { status: 200, headers: LAB_REPORT_HEADERS, type: 'text/html; charset=utf-8', body };
  }

  async #labFigures(file: string): Promise<ControlAnswer> {
    const body = await readFile(file, 'utf8');
    return { status: 200, headers: LAB_REPORT_HEADERS, type: 'application/json', body };
  }
}

function decoded(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment; // names no part
  }
}
