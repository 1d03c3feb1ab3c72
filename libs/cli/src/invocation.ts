import type { Readable, Writable } from 'node:stream';
import { AuthApi } from './auth/auth-api.js';
import { DEFAULT_URL, parseBaseUrl } from './auth/base-url.js';
import { environmentOf } from './config.js';
import { EXIT, refused, usageError } from './errors.js';
import { accessTokenFor } from './login/access-token.js';
import { LoginFile } from './login/login-file.js';
import { ask } from './terminal/ask.js';
import { Output } from './terminal/output.js';
import { readAll } from './terminal/read-input.js';

/** What the command uses of its process. */
export interface Process {
  readonly stdin: Readable & { readonly isTTY?: boolean };
  readonly stdout: Writable;
  readonly stderr: Writable;
  readonly environment: NodeJS.ProcessEnv;
  readonly fetch: typeof fetch;
  /** In milliseconds. */
  readonly now: () => number;
}

/** The options that every command has. */
export interface GlobalOptions {
  readonly url?: string;
  readonly insecureHttp?: boolean;
  readonly json?: boolean;
  readonly timeout: number;
}

/** One run of one command: its server, its credentials and its terminal. */
export class Invocation {
  readonly output: Output;
  /** Of a command that has succeeded, but whose result is not good. */
  exitCode: number = EXIT.done;
  readonly login: LoginFile;
  readonly #env;

  constructor(
    private readonly process: Process,
    private readonly options: GlobalOptions,
  ) {
    this.output = new Output(process.stdout, process.stderr, options.json ?? false);
    this.#env = environmentOf(process.environment);
    this.login = new LoginFile(this.#env.directory);
  }

  /** The input of this command, unless it is used for answers. */
  get input(): Readable {
    return this.process.stdin;
  }

  /** In milliseconds. */
  get now(): number {
    return this.process.now();
  }

  /** The API with the token of an administrator. @throws CommandError if there is none */
  api(): AuthApi {
    // A damaged file matters only if the token or the URL comes from it.
    const explicit = this.options.url ?? this.#env.url;
    const url = this.#parse(explicit ?? this.#storedUrl() ?? DEFAULT_URL);
    const token = accessTokenFor(url, this.#env, () => this.login.read(), this.now);
    return this.#apiAt(url, token);
  }

  /** The API of the server that a log-in names, without a token. */
  apiForLogin(): { readonly url: string; readonly api: AuthApi } {
    const url = this.#parse(this.options.url ?? this.#env.url ?? DEFAULT_URL);
    return { url, api: this.#apiAt(url) };
  }

  /** The server that commands are for, without a token. */
  apiWithoutToken(): { readonly url: string; readonly api: AuthApi } {
    const url = this.#parse(this.options.url ?? this.#env.url ?? this.#storedUrl() ?? DEFAULT_URL);
    return { url, api: this.#apiAt(url) };
  }

  /** A request to any server. @throws what `fetch` throws */
  get fetch(): typeof fetch {
    return this.process.fetch;
  }

  get timeoutSeconds(): number {
    return this.options.timeout;
  }

  /** The API with a token that belongs to this URL. */
  apiOf({ url, accessToken }: { readonly url: string; readonly accessToken: string }): AuthApi {
    return this.#apiAt(this.#parse(url), accessToken);
  }

  /** @throws CommandError unless the answer is yes, or `--yes` was given */
  async confirm(question: string, yes: boolean | undefined): Promise<void> {
    if (yes) return;
    if (!this.interactive)
      throw usageError('This cannot be undone, and nobody can be asked', { hint: 'add --yes' });
    const answer = await ask(this.#terminal, `${question} [y/N] `);
    if (!/^y(es)?$/i.test(answer.trim())) throw refused('canceled', 'Canceled; nothing was done');
  }

  /** @throws CommandError without a terminal */
  async ask(question: string, insteadUse: string): Promise<string> {
    if (!this.interactive) throw usageError('There is no terminal to ask on', { hint: insteadUse });
    return ask(this.#terminal, question);
  }

  /** A password from stdin, or from the terminal without showing it. Its line break is removed. */
  async password(question: string, fromStdin: boolean | undefined): Promise<string> {
    if (this.interactive) return ask(this.#terminal, question, true);
    if (!fromStdin)
      throw usageError('There is no terminal to ask for the password', {
        hint: 'add --password-stdin',
      });
    return (await readAll(this.process.stdin)).replace(/\r?\n$/, '');
  }

  /** Whether somebody can be asked. */
  get interactive(): boolean {
    return this.process.stdin.isTTY ?? false;
  }

  get #terminal() {
    return { input: this.process.stdin, output: this.process.stderr };
  }

  #storedUrl(): string | undefined {
    const fromEnvironment = this.#env.token ?? this.#env.tokenFile;
    // A token from elsewhere must not follow a log-in to its server.
    return fromEnvironment === undefined ? this.login.read()?.url : undefined;
  }

  #parse(url: string): string {
    return parseBaseUrl(url, this.options.insecureHttp ?? false);
  }

  #apiAt(url: string, token?: string): AuthApi {
    const { fetch } = this.process;
    const timeoutSeconds = this.options.timeout;
    return new AuthApi({ url, timeoutSeconds, fetch, ...(token !== undefined && { token }) });
  }
}
