import { runTargets } from './run-nx.mjs';
import { SetupError } from './setup-error.mjs';

/** Compiles what has changed since the last build. @throws {SetupError} */
export async function build() {
  const { code, output, seconds, tasks } = await runTargets(['build']);
  if (code !== 0) throw new SetupError(`The source does not compile:\n${output}`);
  const compiled = tasks.filter(({ cacheStatus }) => cacheStatus === 'cache-miss').length;
  if (compiled > 0) console.log(`  compiled ${compiled} projects in ${seconds.toFixed(1)} s`);
}
