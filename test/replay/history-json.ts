import { createRequire } from 'node:module';

/** A history in the JSON that `temporal workflow show --output json` prints and the Web UI downloads. */
export interface HistoryJson {
  readonly events: readonly Readonly<Record<string, unknown>>[];
}

interface ProtoJson {
  fromJson(type: unknown, value: unknown, options: { readonly ignoreUnknownFields: boolean }): unknown;
  toJson(type: unknown, message: unknown): unknown;
}

interface HistoryProto {
  readonly temporal: { readonly api: { readonly history: { readonly v1: { readonly History: MessageType } } } };
  lookupType(name: string): unknown;
}

interface MessageType {
  fromObject(value: unknown): unknown;
}

// The SDK's own conversion fails ("type must be a Type") where npm gives @temporalio/common and @temporalio/proto each a copy of
// protobufjs: the one does not know the other's types. Here both come from where @temporalio/proto finds them.
const fromCommon = createRequire(createRequire(import.meta.url).resolve('@temporalio/common'));
const fromProto = createRequire(fromCommon.resolve('@temporalio/proto'));
const { fromJson, toJson } = fromProto('protobufjs/ext/protojson') as ProtoJson;
const { patchProtobufRoot } = fromCommon('@temporalio/proto/lib/patch-protobuf-root') as {
  patchProtobufRoot(root: unknown): HistoryProto;
};
const proto = patchProtobufRoot(fromCommon('@temporalio/proto'));
const historyType = proto.lookupType('temporal.api.history.v1.History');

/** What a replay worker takes. */
export function historyFromJson(json: HistoryJson): unknown {
  return fromJson(historyType, json, { ignoreUnknownFields: true });
}

/** What WorkflowHandle.fetchHistory answered, without stack traces: they name the folders of the machine that recorded them. */
export function historyToJson(history: unknown): HistoryJson {
  const json = toJson(historyType, proto.temporal.api.history.v1.History.fromObject(history));
  return JSON.parse(JSON.stringify(json, (key, value) => (key === 'stackTrace' ? undefined : value)));
}
