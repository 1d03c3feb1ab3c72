/** The compiled local-stack, for modules that Jest loads with Node's own loader. */
import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const path = (relative) => fileURLToPath(new URL(relative, import.meta.url));

/** @type {Promise<typeof import('@latchkey/local-stack')> | undefined} */
let loaded;

/** Compiles it first, once for each process. */
export function loadLocalStack() {
  return (loaded ??= load());
}

async function load() {
  const compiler = path('../../../../node_modules/typescript/bin/tsc');
  const project = path('../../../local-stack/tsconfig.build.json');
  execFileSync(process.execPath, [compiler, '-b', project], { stdio: 'inherit' });
  return import('../../../local-stack/dist/index.js');
}
