/** A sample that cannot be made as asked: wrong arguments, or a folder that cannot be written. */
export class SampleError extends Error {
  override readonly name = 'SampleError';

  constructor(
    message: string,
    /** `usage`: other arguments are needed. `io`: the file system refused. */
    readonly reason: 'usage' | 'io',
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}
