import type { RequestListener } from 'node:http';
import type { Page } from 'playwright-core';

/** What a page learns about its request: the status, or that the browser withheld the answer. */
export type Outcome = number | 'opaque' | 'blocked';

/** A request by a script of a page. */
export interface PageRequest {
  readonly url: string;
  readonly method: string;
  readonly json?: unknown;
  readonly form?: Readonly<Record<string, string>>;
  readonly headers?: Readonly<Record<string, string>>;
  readonly mode?: 'cors' | 'no-cors';
}

/** Sends a request from a script of the page. */
export const ask = (page: Page, request: PageRequest): Promise<Outcome> =>
  page.evaluate(async ({ url, method, json, form, headers, mode = 'cors' }): Promise<Outcome> => {
    try {
      const response = await fetch(url, {
        method,
        mode,
        credentials: 'include',
        ...(form && { body: new URLSearchParams(form) }),
        ...(json !== undefined && { body: JSON.stringify(json) }),
        headers: { ...(json !== undefined && { 'content-type': 'application/json' }), ...headers },
      });
      return response.type === 'opaque' ? 'opaque' : response.status;
    } catch {
      return 'blocked';
    }
  }, request);

/** Sends a request from a script of the page. @returns what the script can see of the response, whose body is JSON */
export async function read(
  page: Page,
  url: string,
  init: { method?: string; headers?: Record<string, string>; body?: string } = {},
) {
  return page.evaluate(
    async ([address, options]) => {
      const response = await fetch(address, options);
      const text = await response.text();
      return {
        status: response.status,
        headers: Object.fromEntries(response.headers),
        body: (text === '' ? {} : JSON.parse(text)) as Record<string, unknown>,
      };
    },
    [url, init] as const,
  );
}

/** Sends a cross-origin POST without CORS. @returns the status, which the page itself cannot see */
export async function crossOriginStatus(page: Page, url: string): Promise<number> {
  const [response, outcome] = await Promise.all([
    page.waitForResponse(url),
    ask(page, { url, method: 'POST', mode: 'no-cors' }),
  ]);
  if (outcome !== 'opaque') throw new Error(`the page could see ${outcome}`);
  return response.status();
}

/** Submits a form from the page, as a navigation. @returns the status */
export async function submit(page: Page, action: string): Promise<number | undefined> {
  const [answer] = await Promise.all([
    page.waitForNavigation(),
    page.evaluate(`{
      const form = document.createElement('form');
      Object.assign(form, { method: 'POST', action: ${JSON.stringify(action)} });
      document.body.append(form);
      form.submit();
    }`),
  ]);
  return answer?.status();
}

/** Serves the page of an attacker. */
export const attackerPages: RequestListener = (_, response) => {
  response.setHeader('content-type', 'text/html');
  response.end('<!doctype html><title>Win a prize</title><body>');
};
