export {
  describeEnvironment,
  required,
  type VariableRow,
  type VariableRows,
} from './environment.suite.js';
export {
  AUDIENCE,
  CERTIFICATE_FILE,
  COUNT,
  DATABASE_URL,
  HTTP_URL,
  minimalService,
  SECONDS,
  serviceRows,
} from './service-rows.suite.js';
