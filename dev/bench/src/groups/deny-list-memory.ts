import { AnsweringProcess } from '@latchkey/load-generator';
import { atMost, type Figure, type GroupResult, type Target, type Unit } from '../figures.js';
import type { MemoryAnswer, MemoryQuestion } from '../memory-process.js';
import { rotated } from '@latchkey/load-generator';
import { STORES, type StoreName } from '../revocation-stores.js';
import { ratioOf } from '../statistics.js';
import type { Workplace } from '../workplace.js';
import { defineGroup } from '../group.js';

/**
 * Measures memory and look-ups of a million revoked sessions, compared with a Map and a Set.
 */
export default defineGroup({ position: 3, measure: measureDenyListMemory });

const LABELS: Readonly<Record<StoreName, string>> = {
  'deny-list': 'DenyList',
  map: 'Map<string, number>',
  set: 'Set<string>',
};
const TARGET_MEGABYTES = 40;

/** Every measurement runs in a process of its own. */
export async function measureDenyListMemory(
  workplace: Pick<Workplace, 'processes' | 'size' | 'onProgress'>,
): Promise<GroupResult> {
  const { size, onProgress } = workplace;
  const answers: Record<StoreName, MemoryAnswer[]> = { 'deny-list': [], map: [], set: [] };
  for (let round = 0; round < size.memoryRounds; round++)
    for (const store of rotated(STORES, round)) {
      onProgress(`round ${round + 1} of ${size.memoryRounds}: ${LABELS[store]}`);
      answers[store].push(await measureOnce(workplace, store));
    }
  const figures = STORES.flatMap((store) => figuresOf(store, answers[store]));
  const entries = size.revocations.toLocaleString('en');
  return {
    name: 'deny-list-memory',
    title: `${entries} revoked sessions`,
    figures,
    ratios: [
      ratioOf(figures, ['map-held', 'deny-list-held'], 'memory: Map ÷ DenyList'),
      ratioOf(figures, ['set-held', 'deny-list-held'], 'memory: Set ÷ DenyList'),
    ],
    notes: [
      'Ids are UUIDs of 36 characters. "Live memory" is heap and buffers after a garbage collection, ' +
        '"resident memory" is the growth of the process.',
      'A look-up in the DenyList checks session, token, subject, client and key; one in a Map or ' +
        'Set only the session.',
      'The longest pauses include garbage collections and interruptions by the operating system.',
    ],
  };
}

async function measureOnce(
  { processes, size }: Pick<Workplace, 'processes' | 'size'>,
  store: StoreName,
): Promise<MemoryAnswer> {
  const child = new AnsweringProcess(processes, new URL('../memory-process.js', import.meta.url));
  const question: MemoryQuestion = { store, entries: size.revocations, lookUps: size.lookUps };
  try {
    return await child.ask<MemoryAnswer>(question);
  } finally {
    child.stop();
  }
}

function figuresOf(store: StoreName, answers: readonly MemoryAnswer[]): Figure[] {
  const figure = (
    [id, what, unit]: readonly [id: string, what: string, unit: Unit],
    sample: (answer: MemoryAnswer) => number | undefined,
    target?: Target,
  ): Figure => ({
    id: `${store}-${id}`,
    label: `${LABELS[store]}: ${what}`,
    unit,
    samples: answers.flatMap((answer) => sample(answer) ?? []),
    ...(target && { target }),
  });
  const target = store === 'deny-list' ? atMost(TARGET_MEGABYTES) : undefined;
  return [
    figure(['held', 'live memory', 'MB'], ({ heldBytes }) => heldBytes / 1e6, target),
    figure(['resident', 'resident memory', 'MB'], ({ residentBytes }) => residentBytes / 1e6),
    figure(['hit', 'look-up, found', 'ns'], ({ hitNanoseconds }) => hitNanoseconds),
    figure(['miss', 'look-up, not found', 'ns'], ({ missNanoseconds }) => missNanoseconds),
    figure(['add', 'slowest insertion', 'µs'], (answer) => answer.longestAddMicroseconds),
    figure(
      ['expiry', 'slowest step of expiry', 'µs'],
      (answer) => answer.longestExpiryMicroseconds,
    ),
  ].filter(({ samples }) => samples.length > 0);
}
