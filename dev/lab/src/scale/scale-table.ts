import { pinningNote, type Summary } from '@latchkey/load-generator';
import { PART_LABELS } from '../architectures/architecture.js';
import { GOOD_FIT } from './scalability-law.js';
import type { ScaledArchitecture, ScalePoint, ScaleReport } from './scale-report.js';
import type { ScaleSetting } from './scale.js';

type Print = (line: string) => void;

const percent = (part: number) => `${Math.round(part * 100)} %`;
const rate = (perSecond: number) => perSecond.toFixed(perSecond < 100 ? 1 : 0);
const significant = (value: number) => String(Number(value.toPrecision(3)));

export function printSetting(setting: ScaleSetting, heldBy: string, print: Print): void {
  const { share, passes, secondsPerPoint } = setting;
  print(
    `Each replica of orders is held to ${percent(share)} of a core (${heldBy}), and so is what all of them ask.`,
  );
  print(`Not held: the Postgres of the services' own data, which is auth's too, and NATS.`);
  print(
    `${passes} ${passes === 1 ? 'pass' : 'passes'}, ${secondsPerPoint} s per point. ${pinningNote}`,
  );
  print(
    'What a replica does unasked (a watermark a second) weighs more here than on a whole core.',
  );
}

/** As tables that read well as text and as Markdown. */
export function printScale(report: ScaleReport, print: Print): void {
  for (const architecture of report.architectures) printOne(architecture, print);
  print('');
  for (const line of failureLines(report)) print(line);
}

function failureLines({ architectures }: ScaleReport): string[] {
  if (architectures.every(({ points }) => points.every(({ failures }) => failures === 0)))
    return ['Every request was answered with 2xx.'];
  return [
    'failed: not answered with 2xx, over all passes, and not part of requests/s. What has no time left makes',
    'some wait beyond the time limits of the services, which answer 503 then.',
  ];
}

function printOne(architecture: ScaledArchitecture, print: Print): void {
  const { label, shared, points } = architecture;
  const part = shared && PART_LABELS[shared];
  print('');
  print(part === undefined ? `${label}: asks nothing shared` : `${label}: asks ${part}`);
  print('');
  print(
    '| replicas | requests/s |        spread | share used by a replica | by what all ask | failed |',
  );
  print(
    '| -------: | ---------: | ------------: | ----------------------: | --------------: | -----: |',
  );
  for (const point of points) print(rowOf(point));
  print('');
  for (const line of conclusions(architecture, part)) print(line);
}

function rowOf({ replicas, perSecond, replicaUse, sharedUse, failures }: ScalePoint): string {
  const cells = [
    String(replicas).padStart(8),
    rate(perSecond.median).padStart(10),
    spread(perSecond).padStart(13),
    percent(replicaUse.median).padStart(23),
    (sharedUse ? percent(sharedUse.median) : '-').padStart(15),
    String(failures).padStart(6),
  ];
  return `| ${cells.join(' | ')} |`;
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
    ...(rSquared < GOOD_FIT ? ['Do not rely on the law here: it meets the medians badly'] : []),
  ];
}

/** What it did where it had no time left is measured; what its use leaves room for is not. */
function limitLine(part: string, { saturatedAt, sharedLimit = 0 }: ScaledArchitecture): string {
  const most = `${part} carries at most ${rate(sharedLimit)} requests/s`;
  return saturatedAt === undefined ? `prediction by its use: ${most}` : most;
}

const saturation = (part: string, at: number | undefined) =>
  at === undefined
    ? `${part} had time left at every point`
    : `${part} had no time left from ${at} replicas on`;

const MACHINE_LIMITED = 0.9;

/** Where nothing shared is asked, only a machine without time keeps replicas from using their shares. */
function machineLimit({ points }: ScaledArchitecture): string[] {
  const limited = points.find(({ replicaUse }) => replicaUse.median < MACHINE_LIMITED);
  if (!limited) return [];
  return [
    `From ${limited.replicas} replicas on they could not use their shares: this machine was busy otherwise`,
  ];
}
