import { tokenId } from "../../components/tokens/claims.ts";
import { issueOf } from "../../components/tokens/revocation.ts";
import type { StackConfig } from "../../config/resolve.ts";
import { kinds } from "../../config/schema/tokens.ts";
import type { Deployed } from "../deployed.ts";
import type { DecodedJwt } from "./jwt.ts";

/** Which of a stack's tokens a JWT is. */
export interface KnownToken {
  name: string;
  generation: number;
  issue: number;
  /** Its place among what was deployed: in use, the one before it, or one that another took the place of. */
  place: "current" | "previous" | "superseded";
  /** Whether it is the very token, and not one that was minted with other permissions under the same id. */
  exact: boolean;
}

/**
 * Finds which of the stack's own tokens has the id of a JWT. An id can be copied into any JWT, so the answer means
 * something only when the stack's key signed it.
 */
export function identify(
  { text, payload }: DecodedJwt,
  config: StackConfig,
  deployed: Deployed,
): KnownToken | undefined {
  const declared = Object.keys(kinds).flatMap((kind) =>
    Object.keys(config.tokens[kind as keyof typeof kinds]),
  );
  for (const name of new Set([...Object.keys(deployed.tokens), ...declared])) {
    for (const which of minted(name, config, deployed)) {
      if (payload.jti !== tokenId({ name, signingKey: config.tokens.signingKey.generation, ...which }))
        continue;
      const { current, previous } = {
        current: deployed.tokens[name],
        previous: deployed.tokens[name]?.previous,
      };
      const is = (one: typeof previous) => one?.generation === which.generation && one.issue === which.issue;
      return {
        name,
        ...which,
        place: is(current) ? "current" : is(previous) ? "previous" : "superseded",
        exact: [current?.secret, previous?.secret].includes(text),
      };
    }
  }
  return undefined;
}

/** Every issue that there can have been of a token. */
function* minted(name: string, config: StackConfig, deployed: Deployed) {
  for (let generation = 1; generation <= (deployed.tokens[name]?.generation ?? 0); generation++) {
    const published = [deployed.tokens[name], deployed.tokens[name]?.previous];
    const issues = published.map((one) => (one?.generation === generation ? one.issue : 0));
    const last = Math.max(issueOf(config, { name, generation }), ...issues);
    for (let issue = 0; issue <= last; issue++) yield { generation, issue };
  }
}
