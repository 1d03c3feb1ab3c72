import type { ServiceOptions } from '@latchkey/service-kit';

/** Users enter the addresses of key sets: any over TLS, and others on their own machine. */
const CONNECT_SOURCES = ['https:', 'http://localhost:*', 'http://127.0.0.1:*'];

/** The console, if its built files are in a directory. */
export const consoleIn = (directory: string | undefined): ServiceOptions['page'] =>
  directory === undefined
    ? undefined
    : { path: '/console/', directory, connectSources: CONNECT_SOURCES };
