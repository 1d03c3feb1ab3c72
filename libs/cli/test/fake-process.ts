import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { run } from '../src/run.js';

/** A request that the command has sent. */
export interface Sent {
  readonly method: string;
  readonly url: string;
  readonly headers: Record<string, string>;
  readonly body: unknown;
  readonly redirect: string | undefined;
}

/** What auth answers: a status and a body, which is JSON unless it is a string. */
export type FakeAnswer = readonly [status: number, body?: unknown];

export const NOW = Date.parse('2026-11-30T12:00:00Z');

/** A process with a fake auth and a configuration folder of its own. */
export class FakeProcess {
  readonly directory = mkdtempSync(join(tmpdir(), 'latchkey-cli-'));
  readonly sent: Sent[] = [];
  env: NodeJS.ProcessEnv = { XDG_CONFIG_HOME: this.directory, LATCHKEY_TOKEN: 'a-token' };
  now = NOW;

  constructor(public answer: (sent: Sent) => FakeAnswer | Error) {}

  async run(...args: string[]): Promise<{ code: number; stdout: string; stderr: string }> {
    return this.runWith('', ...args);
  }

  async runWith(input: string, ...args: string[]) {
    const [stdin, stdout, stderr] = [new PassThrough(), new PassThrough(), new PassThrough()];
    stdin.end(input);
    const code = await run(args, {
      ...{ stdin, stdout, stderr, environment: this.env, now: () => this.now },
      fetch: (url, init) => this.#fetch(url as string, init ?? {}),
    });
    const text = (stream: PassThrough) => (stream.read() as Buffer | null)?.toString() ?? '';
    return { code, stdout: text(stdout), stderr: text(stderr) };
  }

  close(): void {
    rmSync(this.directory, { recursive: true });
  }

  #fetch(url: string, init: RequestInit): Promise<Response> {
    const { method = 'GET', body, redirect } = init;
    const sent = {
      ...{ method, url, redirect, headers: init.headers as Record<string, string> },
      body: typeof body === 'string' ? (JSON.parse(body) as unknown) : undefined,
    };
    this.sent.push(sent);
    const answer = this.answer(sent);
    if ('message' in answer) return Promise.reject(answer);
    const [status, reply] = answer;
    const text = typeof reply === 'string' ? reply : JSON.stringify(reply);
    return Promise.resolve(new Response(status === 204 ? null : (text ?? ''), { status }));
  }
}
