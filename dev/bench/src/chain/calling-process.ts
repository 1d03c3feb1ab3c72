import { answerQuestions } from '@latchkey/load-generator';
import { timeInTurn, type TimedCall } from './calls-in-turn.js';

/** Answers with the duration of each call, in microseconds. */
answerQuestions<{ readonly calls: readonly TimedCall[] }>(({ calls }) => timeInTurn(calls));
