/** The checkout cannot be made ready; the message says why and what to do. */
export class PrepareError extends Error {
  name = 'PrepareError';
}
