import { OWNER_TAG } from '../../domain/names.js';
import { TerminalError } from '../errors.js';

/** A resource of a name we need that somebody else made: it is neither used nor changed. */
export function foreignResource(request: {
  /** For example `Cluster`. */
  readonly what: string;
  readonly name: string;
  readonly identifier: string;
}): TerminalError {
  const { what, name, identifier } = request;
  return new TerminalError({
    kind: 'foreignResource',
    message:
      `${what} ${name} exists and does not carry the tag ${OWNER_TAG}=${identifier}, so it is not Starshift's to use, change or delete. ` +
      'Choose another cluster identifier, or add the tag if it is yours.',
    resource: name,
  });
}
