export { recordRequestStatements, recordStatements } from './database/record-statements.suite.js';
export {
  describeEnvironment,
  required,
  type VariableRow,
  type VariableRows,
} from './environment.suite.js';
export {
  CERTIFICATE_FILE,
  COUNT,
  DATABASE_URL,
  HTTP_URL,
  minimalService,
  NAME,
  SECONDS,
  serviceRows,
} from './service-rows.suite.js';
