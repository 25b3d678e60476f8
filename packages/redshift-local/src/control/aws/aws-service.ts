import type { QueryParams } from './query-params.js';
import type { VerifiedCaller } from './sigv4.js';
import type { XmlRecord } from './xml.js';

/** One verified call of an action. */
export interface AwsCall {
  readonly action: string;
  readonly caller: VerifiedCaller;
}

/** Answers one action of a Query-protocol service with the children of its result element. Throws AwsError. */
export type QueryAction = (params: QueryParams, call: AwsCall) => XmlRecord | Promise<XmlRecord>;

/** A JSON object as a request or answer of the JSON protocol. */
export type JsonObject = { readonly [name: string]: unknown };

/** Answers one action of a JSON-protocol service. Throws AwsError. */
export type JsonAction = (input: JsonObject, call: AwsCall) => JsonObject | Promise<JsonObject>;

/** A service of the Query protocol. `ec2` answers without a result element and with its own shape of errors. */
export interface QueryService {
  readonly protocol: 'query' | 'ec2';
  readonly version: string;
  readonly namespace: string;
  readonly actions: Readonly<Record<string, QueryAction>>;
}

/** A service of the AWS JSON 1.1 protocol. */
export interface JsonService {
  readonly protocol: 'json';
  /** What precedes the action in X-Amz-Target. */
  readonly target: string;
  readonly actions: Readonly<Record<string, JsonAction>>;
}

/** Services by the name in the credential scope. */
export type AwsServices = Readonly<Record<string, QueryService | JsonService>>;
