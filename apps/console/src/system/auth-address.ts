/** The address of auth, which serves the console one level below its own. */
export const AUTH_URL = new URL('../', document.baseURI);

/** @returns the address of a path of auth */
export const atAuth = (path: string): URL => new URL(path, AUTH_URL);
