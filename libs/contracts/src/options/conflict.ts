/** Returns the error for two options that exclude each other, so that neither silently wins. */
export function conflict(one: string, other: string): TypeError {
  return new TypeError(`${one} and ${other} cannot be combined; remove one of them`);
}
