/** Marks that Pulumi puts into serialised properties. */
const signatureKey = "4dabf18193072939515e22adb298388d";
const secretSignature = "1b47061264138c4ac30d75fd1eb44270";
const unknownValue = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";

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
