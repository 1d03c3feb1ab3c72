/**
 * This Nx plugin gives a project a target for each kind of test that it has files of. nx.json says how the
 * targets run. @nx/jest would need a configuration file in every project, and would make one target from it.
 */
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** @type {[suffix: string, target: string][]} */
const KINDS = [
  ['.int-spec.ts', 'test:int'],
  ['.e2e-spec.ts', 'test:e2e'],
  ['.spec.ts', 'test'],
];

/** @type {import('nx/src/devkit-exports').CreateNodesV2} */
export const createNodesV2 = [
  '{apps,libs,dev}/**/*.{spec,int-spec,e2e-spec}.ts',
  (files, _options, { workspaceRoot }) =>
    files.flatMap((file) => {
      const root = projectOf(file, workspaceRoot);
      const [, target] = KINDS.find(([suffix]) => file.endsWith(suffix)) ?? [];
      if (root === undefined || target === undefined) return [];
      return [[file, { projects: { [root]: { targets: { [target]: {} } } } }]];
    }),
];

/**
 * @param {string} file
 * @param {string} workspaceRoot
 */
function projectOf(file, workspaceRoot) {
  for (let folder = dirname(file); folder !== '.'; folder = dirname(folder)) {
    if (existsSync(join(workspaceRoot, folder, 'package.json'))) return folder;
  }
  return undefined;
}
