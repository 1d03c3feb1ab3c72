import { answerQuestions } from '@latchkey/load-generator';
import { Clients } from './clients.js';
import type { ClientsQuestion } from './calling-process.js';

let clients: Clients | undefined;

answerQuestions<ClientsQuestion>(async (question) => {
  if (question.type === 'watch') return clients?.watch(question.until);
  clients = new Clients(question.options);
  await clients.begin();
  return undefined;
});
