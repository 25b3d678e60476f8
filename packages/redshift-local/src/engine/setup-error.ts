/** A start-up condition that the person at the keyboard has to change; its message names the setting. The CLI exits with 2. */
export class SetupError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'SetupError';
  }
}
