import type { RequestListener } from 'node:http';
import type { Page } from 'playwright-core';

/** What a page got: how its request was answered, or that the browser kept the answer from it. */
export type Outcome = number | 'opaque' | 'blocked';

/** What a page asks for. */
export interface PageRequest {
  readonly url: string;
  readonly method: string;
  readonly json?: unknown;
  readonly form?: Readonly<Record<string, string>>;
  readonly headers?: Readonly<Record<string, string>>;
  readonly mode?: 'cors' | 'no-cors';
}

/** As a script of the page that is open. */
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

/** What the server answered, which the page itself does not get to see. */
export async function answered(page: Page, url: string): Promise<number> {
  const [response, outcome] = await Promise.all([
    page.waitForResponse(url),
    ask(page, { url, method: 'POST', mode: 'no-cors' }),
  ]);
  if (outcome !== 'opaque') throw new Error(`the page got to see ${outcome}`);
  return response.status();
}

/** A form that the page sends off by itself, in the whole window. @returns the status */
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

/** What somebody else serves, whose pages are up to no good. */
export const foreignPages: RequestListener = (_, response) => {
  response.setHeader('content-type', 'text/html');
  response.end('<!doctype html><title>Win a prize</title><body>');
};
