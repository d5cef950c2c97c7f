import { createHash, createHmac } from "node:crypto";

/**
 * A short fingerprint of something that pods read only when they start. As an annotation of the pod template it
 * makes a change of that thing a rolling restart.
 */
export function checksum(value: unknown): string {
  return createHash("sha256").update(canonical(value)).digest("hex").slice(0, 16);
}

/**
 * The same for secrets. Without the key, which never leaves Pulumi's encrypted state, nobody who reads the
 * annotation can try out guesses against it.
 */
export function keyedChecksum(key: string, value: unknown): string {
  return createHmac("sha256", key).update(canonical(value)).digest("hex").slice(0, 16);
}

/** JSON with sorted keys, so that the order in which an object was made does not count. */
function canonical(value: unknown): string {
  return JSON.stringify(value, (_, at) =>
    at && typeof at === "object" && !Array.isArray(at)
      ? Object.fromEntries(Object.entries(at).sort(([a], [b]) => (a < b ? -1 : 1)))
      : at,
  );
}
