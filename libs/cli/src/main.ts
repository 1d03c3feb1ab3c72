import { processEnvironment } from './config.js';
import { EXIT } from './errors.js';
import { run } from './run.js';

// `latchkey user list | head` closes the pipe early, which is not an error.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
  process.exit(EXIT.done);
});

const { stdin, stdout, stderr } = process;
process.exitCode = await run(process.argv.slice(2), {
  ...{ stdin, stdout, stderr, fetch, now: Date.now },
  environment: processEnvironment(),
});
// A terminal that was read would keep the process.
stdin.unref?.();
