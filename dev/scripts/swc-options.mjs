/** How a source becomes JavaScript, both in `dist` and in tests. Types are checked by `tsc`. */
export const SWC_OPTIONS = {
  swcrc: false,
  module: { type: 'es6' },
  jsc: {
    target: 'es2023',
    parser: { syntax: 'typescript', decorators: true },
    transform: {
      legacyDecorator: true,
      decoratorMetadata: true,
      useDefineForClassFields: true,
    },
    preserveAllComments: true,
    experimental: { keepImportAttributes: true },
  },
};
