import { answerQuestions } from './answering-process.js';
import { runClosedLoop } from './closed-loop.js';
import type { LoadQuestion } from './load.js';
import { runOpenLoop } from './open-loop.js';

answerQuestions<LoadQuestion>((question, _, interrupted) =>
  question.loop === 'closed' ? runClosedLoop(question) : runOpenLoop(question, interrupted),
);
