import type { StackConfig } from "../../../config/resolve.ts";
import type { Deployed } from "../../deployed.ts";
import { overview } from "../../tokens/overview.ts";
import { isRevoked } from "../../tokens/revoked.ts";
import type { Tokens } from "../snapshot.ts";

/** The deployed tokens and when they are due, and the declared ones that are still to be minted. */
export function readTokens(config: StackConfig, deployed: Deployed, now: Date): Tokens {
  const rows = overview(config, deployed, now);
  return {
    minted: rows.flatMap(({ name, kind, deployed: minted, caches, byHand, notes }) => {
      if (!minted) return [];
      const { generation, issue, expires, rotates } = minted;
      const revoked = isRevoked(config, deployed.tokens[name]?.secret ?? "", now);
      return { name, kind, generation, issue, caches, expires, rotates, byHand, revoked, notes };
    }),
    notMinted: rows.filter((row) => !row.deployed).map(({ name }) => name),
  };
}
