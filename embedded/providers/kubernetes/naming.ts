/** Names for objects whose program gives none. */
import { createHash, randomBytes } from "node:crypto";
import type { CheckRequest } from "../provider.ts";
import { isAnnotated, metadataOf } from "./object.ts";

/** Marks an object whose name was chosen here. */
export const AUTONAMED = "pulumi.com/autonamed";

const ALPHABET = "abcdefghijklmnopqrstuvwxyz0123456789";
const SUFFIX_LENGTH = 8;

/**
 * The name for an object without one: its predecessor's if that was chosen too, else the engine's proposal, else the
 * logical name and eight random characters.
 *
 * @returns undefined if the stack's configuration disables automatic names.
 */
export function autoname(request: CheckRequest): string | undefined {
  const { olds, name, randomSeed, autonaming } = request;
  const previous = metadataOf(olds).name;
  if (previous !== undefined && isAnnotated(olds, AUTONAMED)) return previous;
  if (autonaming?.mode === "disable") return undefined;
  if (autonaming?.proposedName) return autonaming.proposedName;
  return `${name.toLowerCase().replace(/[^a-z0-9.-]+/g, "-")}-${suffix(randomSeed)}`;
}

// The engine's seed makes preview and update agree.
function suffix(seed: Uint8Array): string {
  const bytes = seed.length === 0 ? randomBytes(SUFFIX_LENGTH) : createHash("sha256").update(seed).digest();
  return Array.from(bytes.subarray(0, SUFFIX_LENGTH), (byte) => ALPHABET[byte % ALPHABET.length]).join("");
}
