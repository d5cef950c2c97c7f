import type { StateResource } from "../deployments/index.ts";
import { CliError } from "../errors.ts";
import { EXIT } from "../exit-codes.ts";

/** How Pulumi's state marks a value as a secret. */
const secretMark = { key: "4dabf18193072939515e22adb298388d", secret: "1b47061264138c4ac30d75fd1eb44270" };

/**
 * The private signing key in a stack's state: the one whose public half the stack's outputs have.
 * @returns its PEM, a secret
 * @throws CliError when it is not there
 */
export function signingKeyIn(resources: readonly StateResource[], publicKeyBase64: string): string {
  const publicKeyPem = Buffer.from(publicKeyBase64, "base64").toString();
  for (const { type, parent, outputs, delete: gone } of resources) {
    const ofSigningKey = parent?.split("::")[2]?.endsWith("attic:tokens:SigningKey");
    if (type !== "tls:index/privateKey:PrivateKey" || !ofSigningKey || gone) continue;
    if (textOf(outputs?.publicKeyPem) !== publicKeyPem) continue;
    const pem = textOf(outputs?.privateKeyPem);
    if (pem) return pem;
  }
  throw new CliError(
    EXIT.failed,
    "the stack's state has no signing key that fits its outputs",
    "refresh and update the stack; does `pulumi stack export --show-secrets` show its secrets to you?",
  );
}

/** The text of an output, wrapped as a secret or not. */
function textOf(output: unknown): string | undefined {
  if (typeof output === "string") return output;
  const wrapped = output as Record<string, unknown> | undefined | null;
  if (wrapped?.[secretMark.key] !== secretMark.secret || typeof wrapped.plaintext !== "string")
    return undefined;
  const value: unknown = JSON.parse(wrapped.plaintext);
  return typeof value === "string" ? value : undefined;
}
