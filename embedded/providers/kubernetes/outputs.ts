/** Live objects to what the state keeps, and inputs to what is sent. */
import type { Props } from "../provider.ts";
import { isObject, Secret } from "../struct.ts";
import { annotation, type KubeObject, metadataOf } from "./object.ts";

/** Who owns the fields that programs set, unless the object's annotation or its state says otherwise. */
export const FIELD_MANAGER = "pulumi-kubernetes";

/** The field manager for an object. */
export function fieldManagerOf(inputs: Props, state: Props = {}): string {
  const kept = state.__fieldManager;
  return (
    annotation(inputs, "pulumi.com/patchFieldManager") ?? (typeof kept === "string" ? kept : FIELD_MANAGER)
  );
}

/** What the state keeps of a live object. A Secret's contents are marked, whoever wrote them. */
export function outputsOf(live: Props, inputs: Props, fieldManager: string): Props {
  const { managedFields: _, ...metadata } = metadataOf(live);
  const outputs: Props = {
    ...live,
    metadata,
    __initialApiVersion: live.apiVersion,
    __fieldManager: fieldManager,
  };
  if (!isSecret(live)) return outputs;
  if (live.data !== undefined) outputs.data = new Secret(live.data);
  if (inputs.stringData !== undefined) outputs.stringData = new Secret(inputs.stringData);
  return outputs;
}

/** The object to send: what the program wrote, without what only Pulumi understands. */
export function manifestOf(inputs: Props, defaultNamespace: string | undefined): KubeObject {
  const manifest = Object.fromEntries(
    Object.entries(inputs).filter(([key, value]) => !key.startsWith("__") && value !== undefined),
  ) as KubeObject;
  const metadata = { ...metadataOf(inputs) };
  if (defaultNamespace !== undefined) metadata.namespace ??= defaultNamespace;
  const object = { ...manifest, metadata };
  if (isSecret(object)) return withEncodedData(object);
  return object.kind === "CustomResourceDefinition" ? (withDashes(object) as KubeObject) : object;
}

export function isSecret(object: Props): boolean {
  return object.kind === "Secret" && object.apiVersion === "v1";
}

// The server merges stringData into data but keeps no owner for it: a key taken out of stringData would stay for ever.
function withEncodedData(object: KubeObject): KubeObject {
  const { stringData, ...rest } = object;
  if (!isObject(stringData)) return object;
  const encoded = Object.entries(stringData).map(([key, value]) => [
    key,
    Buffer.from(String(value)).toString("base64"),
  ]);
  const data = isObject(object.data) ? object.data : {};
  return { ...rest, data: { ...data, ...Object.fromEntries(encoded) } } as KubeObject;
}

/** SDKs can't name properties `x-kubernetes-…`, so they write `x_kubernetes_…`. */
function withDashes(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withDashes);
  if (!isObject(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [
      key.startsWith("x_kubernetes_") ? key.replaceAll("_", "-") : key,
      withDashes(item),
    ]),
  );
}
