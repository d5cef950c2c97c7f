import { revokedFragments, shapes } from "../../components/tokens/revocation.ts";
import type { StackConfig } from "../../config/resolve.ts";

/** Whether the stack's file revokes a JWT, by the very texts that the ingress looks for. */
export function isRevoked(config: StackConfig, jwt: string, now: Date): boolean {
  const header = `Bearer ${jwt}`;
  return revokedFragments(config, now).some((fragment) => header.includes(shapes(fragment)[0] as string));
}
