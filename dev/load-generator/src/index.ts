export {
  AnsweringProcess,
  answerQuestions,
  type AnsweringProcessOptions,
} from './answering-process.js';
export {
  LoadGenerator,
  type ClosedLoop,
  type ClosedLoopResult,
  type LoadRequest,
  type OpenLoop,
  type OpenLoopResult,
} from './load.js';
export { median, moment, summarize, type Summary } from '@latchkey/local-stack';
export { canPin, LOAD_CORE, pin, pinned, pinningNote, SERVER_CORE } from './pinning.js';
export { descendantsOf, processorMicroseconds } from './processor-time.js';
export { rotated } from './rotated.js';
export { formatTextTable, type Alignment } from './text-table.js';
