#!/usr/bin/env node
/** `npm run new:service shipping` adds a service to the list and makes its project. */
import { installWorkspace } from './dependencies.mjs';
import { filesOfNewService } from './new-service/files-of-new-service.mjs';
import { WrittenFiles } from './new-service/written-files.mjs';
import { readArguments } from './read-options.mjs';
import { SetupError } from './setup-error.mjs';
import { EXIT_CODES } from './signals.mjs';

const HELP = `Usage: npm run new:service -- NAME [options]

Adds a service to deploy/services.json, writes the files that follow from it, and makes apps/NAME: a service with
a database and its first migration, routes for users, a route for another service, a call of a third, and tests. NAME is a lower-case
letter followed by lower-case letters or digits. docs/adding-a-service.md walks through the result.

Options:
  --port PORT          its port (default: the next free multiple of ten)
  --called-by SERVICE  the service that may act for users at it (default: the first in deploy/services.json)
  --calls SERVICE      a service that it calls for users (default: the second of the file)
  --dry-run            print the files that would be written, and write none
  --no-install         leave package-lock.json and node_modules as they are, for a later 'npm install'
  --help               show this text
`;

const { values, positionals } = readArguments(
  HELP,
  {
    port: { type: 'string' },
    'called-by': { type: 'string' },
    calls: { type: 'string' },
    'dry-run': { type: 'boolean', default: false },
    'no-install': { type: 'boolean', default: false },
  },
  ({ values: { port }, positionals }) => {
    if (positionals.length !== 1) return 'Name one service';
    if (port !== undefined && !/^[1-9]\d{0,4}$/.test(port))
      return `--port: '${port}' is not a port`;
    return undefined;
  },
);
const [name = ''] = positionals;
const written = new WrittenFiles();
for (const [signal, code] of Object.entries(EXIT_CODES)) {
  process.once(signal, () => {
    written.undo();
    process.exit(code);
  });
}
try {
  const port = values.port === undefined ? undefined : Number(values.port);
  const { calls, 'called-by': calledBy } = values;
  const files = await filesOfNewService({ name, port, calledBy, calls });
  if (values['dry-run']) list('would write', files);
  else await make(files);
} catch (error) {
  written.undo();
  if (!(error instanceof SetupError)) throw error;
  console.error(error.message);
  process.exitCode = 1;
}

/** @param {import('./new-service/files-of-new-service.mjs').File[]} files */
async function make(files) {
  written.keep('package-lock.json');
  written.write(files);
  list('wrote', files);
  if (!values['no-install']) await installWorkspace();
  console.log(
    `\n${name} is ready. Start it with all others: npm start\nNext: docs/adding-a-service.md`,
  );
}

/**
 * @param {string} verb
 * @param {import('./new-service/files-of-new-service.mjs').File[]} files
 */
function list(verb, files) {
  for (const { path } of files) console.log(`${verb} ${path}`);
}
