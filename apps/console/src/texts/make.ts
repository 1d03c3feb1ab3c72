export const make = {
  open: 'Make one',
  title: 'Make a test token',
  lead: 'Signed in this browser, with a key that is made now and forgotten when you leave.',
  algorithm: 'Algorithm',
  type: 'Type (typ)',
  claims: 'Claims, as JSON',
  sign: 'Sign and decode',
  close: 'Close',
  notJson: (message: string) => `The claims are not valid JSON: ${message}`,
  notAnObject: 'The claims have to be a JSON object.',
  unsupported: (algorithm: string) => `This browser cannot sign with ${algorithm}.`,
} as const;
