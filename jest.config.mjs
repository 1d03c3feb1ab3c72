import { SWC_OPTIONS } from './dev/scripts/swc-options.mjs';

/** @param {string} kind @param {string} suffix */
const project = (kind, suffix, more = {}) => ({
  displayName: kind,
  roots: ['<rootDir>/apps', '<rootDir>/libs', '<rootDir>/dev'],
  testMatch: [`<rootDir>/{apps,libs,dev}/**/{src,test}/**/*.${suffix}.ts`],
  testEnvironment: 'node',
  testEnvironmentOptions: { customExportConditions: ['@latchkey/source', 'node', 'node-addons'] },
  extensionsToTreatAsEsm: ['.ts'],
  // NodeNext source names the emitted file; the tests run on the source itself.
  moduleNameMapper: { '^(\\.{1,2}/.*)\\.js$': ['$1.js', '$1.ts'] },
  modulePathIgnorePatterns: ['<rootDir>/.latchkey/', '<rootDir>/.nx/', '/dist/'],
  transform: {
    '\\.ts$': ['@swc/jest', { ...SWC_OPTIONS, sourceMaps: 'inline' }],
  },
  ...more,
});

const services = {
  globalSetup: '<rootDir>/dev/testing/src/jest/global-setup.mjs',
  globalTeardown: '<rootDir>/dev/testing/src/jest/global-teardown.mjs',
  setupFilesAfterEnv: ['<rootDir>/dev/testing/src/jest/long-timeout.ts'],
};

export default {
  // Node.js keeps the modules of files that were run; a process with a hundred of them is slow enough
  // for time limits to be missed.
  workerIdleMemoryLimit: '1GB',
  projects: [
    project('unit', 'spec', {
      setupFilesAfterEnv: ['<rootDir>/dev/testing/src/jest/no-network.ts'],
    }),
    project('integration', 'int-spec', services),
    project('e2e', 'e2e-spec', {
      ...services,
      testEnvironment: '<rootDir>/dev/testing/src/jest/stack-environment.mjs',
    }),
  ],
};
