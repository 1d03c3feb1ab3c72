/** Whether colours are wanted (https://no-color.org). */
export const colours = (): boolean => process.stdout.isTTY && !process.env['NO_COLOR'];
