/** Where notifications go; a part of the worker's settings. */
export interface NotifyTargets {
  readonly command?: NotifyCommand | undefined;
  readonly webhook?: NotifyWebhook | undefined;
  /** Address of the Temporal Web UI, without a slash at its end. */
  readonly uiUrl?: string | undefined;
}

/** A program that reads one document from its standard input. */
export interface NotifyCommand {
  /** Program and arguments; no shell is between. */
  readonly argv: readonly [string, ...string[]];
  /** What the program gets as its environment: the worker's own without the passwords of warehouses. */
  readonly environment: Readonly<Record<string, string>>;
}

/** A server that takes one document a POST. */
export interface NotifyWebhook {
  /** https, or http to this machine. Its path may be a secret: no message holds more of it than the origin. */
  readonly url: string;
  /** Key of the signature. */
  readonly secret?: string | undefined;
}
