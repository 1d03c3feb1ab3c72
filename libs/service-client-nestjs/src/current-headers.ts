import { PASSED_ON_HEADERS } from '@latchkey/service-client';
import { Injectable, type NestMiddleware } from '@nestjs/common';
import { AsyncLocalStorage } from 'node:async_hooks';

type PassedOn = Readonly<Record<string, string>>;

const storage = new AsyncLocalStorage<PassedOn>();

/** The headers of the current request that calls pass on; none outside of a request. */
export const currentHeaders = (): PassedOn => storage.getStore() ?? {};

/** Keeps the headers of each request for the calls that are made to answer it. */
@Injectable()
export class CurrentHeadersMiddleware implements NestMiddleware {
  /** Called by Nest. */
  use(
    { headers }: { readonly headers: Readonly<Record<string, unknown>> },
    _: unknown,
    next: () => void,
  ): void {
    const passedOn = PASSED_ON_HEADERS.flatMap((name) => {
      const value = headers[name];
      return typeof value === 'string' ? [[name, value] as const] : [];
    });
    storage.run(Object.fromEntries(passedOn), next);
  }
}
