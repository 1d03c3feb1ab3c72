export { describeConfigurationTable } from './configuration-table.suite.js';
export { recordRequestStatements, recordStatements } from './database/record-statements.suite.js';
export { startTestDataSource, type TestDataSource } from './database/test-data-source.suite.js';
export {
  describeEnvironment,
  required,
  type VariableRow,
  type VariableRows,
} from './environment.suite.js';
export {
  AUTHORITIES_FILE,
  CERTIFICATE_FILE,
  COUNT,
  DATABASE_URL,
  HTTP_URL,
  minimalService,
  NAME,
  ORIGINS,
  SECONDS,
  serviceRows,
} from './service-rows.suite.js';
