/** Whether to print in colour (https://no-color.org). */
export const colours = (): boolean => process.stdout.isTTY && !process.env['NO_COLOR'];
