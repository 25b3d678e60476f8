/** Where a warehouse answers and as whom; made by resolveTarget, for one activity attempt. */
export interface ConnectionSettings {
  readonly host: string;
  readonly port: number;
  readonly database: string;
  readonly user: string;
  /** A function, so that the password is in no printed or serialised form of the settings. */
  readonly password: () => string;
  /** Role that COPY assumes: an ARN or `default`. */
  readonly iamRole: string;
}

/** `database on host:port`, as errors name the endpoint. */
export function describeEndpoint(settings: Pick<ConnectionSettings, 'host' | 'port' | 'database'>): string {
  return `${settings.database} on ${settings.host}:${settings.port}`;
}
