import { CONTROL_KEY_HEADER } from '@latchkey/contracts/live';
import { createHash, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { ControlProblem } from './control-answer.js';

const sha256 = (text: string) => createHash('sha256').update(text).digest();

/** Lets callers use the control server if they know the key of this start; of all pages, only the console may call it. */
export class ControlGuard {
  readonly #key: Buffer;
  readonly #hosts: ReadonlySet<string>;

  /**
   * @param port of the server
   * @param origin of the console
   */
  constructor(
    key: string,
    port: number,
    readonly origin: string,
  ) {
    this.#key = sha256(key);
    this.#hosts = new Set([`127.0.0.1:${port}`, `localhost:${port}`]);
  }

  /**
   * Refuses requests that a browser sends for another page. A page whose name was made to point to this machine (DNS
   * rebinding) has the same origin as the server, but sends that name as the host.
   *
   * @throws ControlProblem
   */
  checkSource({ headers }: IncomingMessage): void {
    if (!this.#hosts.has(headers.host?.toLowerCase() ?? ''))
      throw new ControlProblem(403, 'foreign_host', 'Use the address that npm start printed');
    if (headers.origin !== undefined && headers.origin !== this.origin)
      throw new ControlProblem(403, 'foreign_origin', 'Pages of this origin may not use it');
  }

  /** @throws ControlProblem */
  checkKey({ headers }: IncomingMessage): void {
    const given = headers[CONTROL_KEY_HEADER];
    if (typeof given !== 'string' || !timingSafeEqual(sha256(given), this.#key))
      throw new ControlProblem(
        401,
        'wrong_key',
        `Send the key of the URL that npm start printed in the header ${CONTROL_KEY_HEADER}`,
      );
  }

  /** The headers with which the console, and no other page, may read a response. */
  permission({ headers }: IncomingMessage): Record<string, string> {
    return headers.origin === this.origin ? { 'access-control-allow-origin': this.origin } : {};
  }
}
