import * as pulumi from "@pulumi/pulumi";

/** Marks that Pulumi puts into serialised properties. */
const { specialSigKey: signatureKey, specialSecretSig: secretSignature, unknownValue } = pulumi.runtime;

/** What is shown for a secret. */
export const secretMask = "[secret]";
/** What is shown for a value that only the engine and the providers can tell. */
export const unknownMask = "[known after up]";

/** Serialised properties as they may be shown: without secrets, and saying what is not known yet. */
export function mask(value: unknown): unknown {
  if (value === unknownValue) return unknownMask;
  if (Array.isArray(value)) return value.map(mask);
  if (!isObject(value)) return value;
  if (value[signatureKey] === secretSignature) return hide(value.value);
  return Object.fromEntries(Object.entries(value).map(([key, child]) => [key, mask(child)]));
}

/** A secret without its values; the keys of a Secret are not secret, and a reviewer wants to see them. */
function hide(value: unknown): unknown {
  if (!isObject(value) || value[signatureKey] !== undefined) return secretMask;
  return Object.fromEntries(Object.entries(value).map(([key, child]) => [key, hide(child)]));
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
