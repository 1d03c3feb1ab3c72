import { formatTextTable, pinningNote, type Summary } from '@latchkey/load-generator';
import { PART_LABELS } from '../architectures/architecture.js';
import { GOOD_FIT } from './scalability-law.js';
import type { ScaledArchitecture, ScalePoint, ScaleReport } from './scale-report.js';
import type { ScaleSize } from './scale-size.js';

type Print = (line: string) => void;

const COLUMNS = [
  'replicas',
  'requests/s',
  'range',
  'share used by a replica',
  'by the shared part',
  'failed',
];

const percent = (part: number) => `${Math.round(part * 100)} %`;
const rate = (perSecond: number) => perSecond.toFixed(perSecond < 100 ? 1 : 0);
const significant = (value: number) => String(Number(value.toPrecision(3)));

export function printSize(size: ScaleSize, heldBy: string, print: Print): void {
  const { share, passes, secondsPerPoint } = size;
  print(
    `Each replica of orders, and the part that all of them ask, is held to ${percent(share)} of a core (${heldBy}).`,
  );
  print(`Not held: NATS, and the Postgres of the services' own data, which auth uses, too.`);
  print(
    `${passes} ${passes === 1 ? 'pass' : 'passes'}, ${secondsPerPoint} s per point. ${pinningNote}`,
  );
  print('Background work (a watermark per second) weighs more here than on a whole core.');
}

/** Prints a table for each architecture. */
export function printScale(report: ScaleReport, print: Print): void {
  for (const architecture of report.architectures) printOne(architecture, print);
  print('');
  for (const line of failureLines(report)) print(line);
}

function failureLines({ architectures }: ScaleReport): string[] {
  if (architectures.every(({ points }) => points.every(({ failures }) => failures === 0)))
    return ['Every request got a 2xx response.'];
  return [
    'failed: requests of all passes without a 2xx response, which requests/s does not include. Behind a',
    'saturated part, some requests exceed the timeouts of the services, which then return 503.',
  ];
}

function printOne(architecture: ScaledArchitecture, print: Print): void {
  const { label, shared, points } = architecture;
  const part = shared && PART_LABELS[shared];
  print('');
  print(part === undefined ? `${label}: asks nothing shared` : `${label}: asks ${part}`);
  print('');
  formatTextTable([COLUMNS, ...points.map(cellsOf)], ['right']).forEach((line) => print(line));
  print('');
  for (const line of conclusions(architecture, part)) print(line);
}

function cellsOf({ replicas, perSecond, replicaUse, sharedUse, failures }: ScalePoint): string[] {
  return [
    String(replicas),
    rate(perSecond.median),
    spread(perSecond),
    percent(replicaUse.median),
    sharedUse ? percent(sharedUse.median) : '-',
    String(failures),
  ];
}

const spread = ({ min, max }: Summary) => `${rate(min)}–${rate(max)}`;

function conclusions(architecture: ScaledArchitecture, part: string | undefined): string[] {
  const { points, saturatedAt, fit, sharedLimit } = architecture;
  const { lambda, sigma, kappa, rSquared, peakReplicas } = fit;
  const most = points.at(-1)?.replicas ?? 0;
  const peak = peakReplicas === undefined ? 'no peak' : `peak at ${significant(peakReplicas)}`;
  return [
    ...(part === undefined ? machineLimit(architecture) : [saturation(part, saturatedAt)]),
    ...(part === undefined || sharedLimit === undefined ? [] : [limitLine(part, architecture)]),
    `Universal Scalability Law, up to ${most} replicas: λ = ${significant(lambda)}/s, σ = ${significant(sigma)}, ` +
      `κ = ${significant(kappa)}, R² = ${rSquared.toFixed(3)}, ${peak}`,
    ...(rSquared < GOOD_FIT ? ['Do not rely on the law here: it does not match the medians'] : []),
  ];
}

/** Marks a limit that was not measured. */
function limitLine(part: string, { saturatedAt, sharedLimit = 0 }: ScaledArchitecture): string {
  const most = `${part} carries at most ${rate(sharedLimit)} requests/s`;
  return saturatedAt === undefined ? `extrapolated from its use: ${most}` : most;
}

const saturation = (part: string, at: number | undefined) =>
  at === undefined ? `${part} was never saturated` : `${part} was saturated from ${at} replicas on`;

const MACHINE_LIMITED = 0.9;

/** Without a shared part, only a busy machine keeps replicas from using their shares. */
function machineLimit({ points }: ScaledArchitecture): string[] {
  const limited = points.find(({ replicaUse }) => replicaUse.median < MACHINE_LIMITED);
  if (!limited) return [];
  return [
    `From ${limited.replicas} replicas on they could not use their shares: this machine was busy`,
  ];
}
