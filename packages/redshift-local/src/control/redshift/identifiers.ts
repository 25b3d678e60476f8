import { invalidValue } from '../aws/aws-error.js';

/** The databases that PostgreSQL needs, which every cluster has already. */
const RESERVED_DATABASES: ReadonlySet<string> = new Set(['postgres', 'template0', 'template1']);

/** A cluster's identifier, folded to lower case (API reference, CreateCluster). Throws InvalidParameterValue. */
export function clusterIdentifier(value: string): string {
  const folded = value.toLowerCase();
  if (!/^[a-z](?!.*--)[a-z0-9-]{0,62}$/.test(folded) || folded.endsWith('-')) {
    throw invalidValue(
      `The parameter ClusterIdentifier is not valid: "${value}". It has 1 to 63 letters, digits or hyphens, begins with a letter, ` +
        'and has no two hyphens in a row and none at the end.',
    );
  }
  return folded;
}

/** A snapshot's identifier, folded to lower case. Throws InvalidParameterValue. */
export function snapshotIdentifier(value: string): string {
  const folded = value.toLowerCase();
  if (!/^[a-z](?!.*--)[a-z0-9-]{0,254}$/.test(folded) || folded.endsWith('-')) {
    throw invalidValue(`The parameter SnapshotIdentifier is not valid: "${value}".`);
  }
  return folded;
}

/** The database created with the cluster. Throws InvalidParameterValue. */
export function databaseName(value: string): string {
  if (!/^[a-z_][a-z0-9_$]{0,63}$/.test(value)) {
    throw invalidValue(
      `The parameter DBName is not valid: "${value}". It has 1 to 64 lower-case letters, digits or underscores.`,
    );
  }
  if (RESERVED_DATABASES.has(value)) {
    throw invalidValue(`The parameter DBName is not valid: "${value}" is a reserved name.`);
  }
  return value;
}

/** The admin user's name. Throws InvalidParameterValue; `public` and PostgreSQL's own names are reserved. */
export function adminUsername(value: string): string {
  const folded = value.toLowerCase();
  if (!/^[a-z][a-z0-9_+.@-]{0,127}$/.test(folded) || /^(public|rdsdb|pg_.*)$/.test(folded)) {
    throw invalidValue(
      `The parameter MasterUsername is not valid: "${value}". It begins with a letter and is not a reserved word.`,
    );
  }
  return folded;
}

/** Checks the rules for an admin password. Throws InvalidParameterValue, which never holds the password. */
export function adminPassword(value: string): string {
  const allowed = /^[\x21-\x7e]{8,64}$/.test(value) && !/['"\\/@]/.test(value);
  if (!allowed || ![/[a-z]/, /[A-Z]/, /\d/].every((kind) => kind.test(value))) {
    throw invalidValue(
      'The parameter MasterUserPassword is not valid: it must have 8 to 64 printable ASCII characters, at least one upper-case letter, ' +
        'one lower-case letter and one digit, and no space, \', ", \\, / or @.',
    );
  }
  return value;
}

/** The ports Redshift offers for ra3 and rg nodes. Throws InvalidParameterValue. */
export function clusterPort(value: number): number {
  if (!((value >= 5431 && value <= 5455) || (value >= 8191 && value <= 8215))) {
    throw invalidValue(`Invalid port ${value}: clusters with these nodes listen on 5431-5455 or 8191-8215.`);
  }
  return value;
}
