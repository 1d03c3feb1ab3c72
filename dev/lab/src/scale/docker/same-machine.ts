import { randomUUID } from 'node:crypto';
import { mkdtempSync, readFileSync, readlinkSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { NotPossibleHereError } from '../../experiment.js';
import { containerCommand, machineMounts } from './container-command.js';
import { docker } from './engine.js';

const BOOT = '/proc/sys/kernel/random/boot_id';
const NETWORK = '/proc/self/ns/net';
/** What tells one machine and its network from another, and that our own files can be read. */
const LOOK = `
  const { readFileSync, readlinkSync } = require('node:fs');
  const [file] = process.argv.slice(1);
  process.stdout.write(JSON.stringify([
    readFileSync('${BOOT}', 'utf8'), readlinkSync('${NETWORK}'), readFileSync(file, 'utf8'),
  ]));
`;

/**
 * That a container can be on this machine what a process is: an engine may be on another one, as
 * Docker Desktop's is, or without root, where the network is another and our files are not ours.
 *
 * @throws {NotPossibleHereError}
 */
export function assertSameMachine(image: string, label: string): void {
  const directory = mkdtempSync(join(tmpdir(), 'latchkey-'));
  try {
    const file = join(directory, 'seen');
    const mark = randomUUID();
    writeFileSync(file, mark, { mode: 0o600 });
    const here = JSON.stringify([readFileSync(BOOT, 'utf8'), readlinkSync(NETWORK), mark]);
    if (lookFromInside(image, label, file) !== here)
      throw new NotPossibleHereError('Docker: its engine has another machine or network than this');
  } finally {
    rmSync(directory, { recursive: true });
  }
}

const lookFromInside = (image: string, label: string, file: string) =>
  docker(
    containerCommand({
      image,
      name: `latchkey-lab-look-${process.pid}`,
      label,
      command: process.execPath,
      args: ['-e', LOOK, file],
      variables: [],
      mounts: machineMounts(),
      workingDirectory: '/',
      uid: process.getuid!(),
      gid: process.getgid!(),
    }),
  );
