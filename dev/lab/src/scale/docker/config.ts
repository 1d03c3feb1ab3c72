/** For `docker` itself, which finds its engine by it, with the variables of a container beside and above. */
export const withSurroundings = (env: NodeJS.ProcessEnv = {}): NodeJS.ProcessEnv => ({
  ...process.env,
  ...env,
});
