/** An error in AWS's terms: the code and HTTP status that the SDKs turn into their exception classes. */
export class AwsError extends Error {
  readonly code: string;
  readonly status: number;

  constructor(code: string, message: string, status = 400) {
    super(message);
    this.name = 'AwsError';
    this.code = code;
    this.status = status;
  }
}

/** A value that the service does not accept. */
export function invalidValue(message: string): AwsError {
  return new AwsError('InvalidParameterValue', message);
}
