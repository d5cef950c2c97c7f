import type { PublishedToken } from "../../components/tokens/published.ts";
import { nearest } from "../../config/errors.ts";
import type { Deployed } from "../deployed.ts";
import { bringUp } from "../deployments/index.ts";
import { CliError } from "../errors.ts";
import { EXIT } from "../exit-codes.ts";
import type { OpenedStack } from "../stack.ts";

/**
 * A deployed token by its name.
 * @throws CliError when it is not deployed, with the nearest name that is
 */
export function findToken(stack: OpenedStack, deployed: Deployed, name: string): PublishedToken {
  const token = Object.hasOwn(deployed.tokens, name) ? deployed.tokens[name] : undefined;
  if (token) return token;
  const { ci, readOnly, service, root } = stack.config.tokens;
  if ([ci, readOnly, service, root].some((kind) => Object.hasOwn(kind, name))) {
    throw new CliError(EXIT.notFound, `${name} is declared and not minted yet`, bringUp(stack.name));
  }
  const names = Object.keys(deployed.tokens);
  const meant = nearest(name, names);
  throw new CliError(
    EXIT.notFound,
    `stack ${stack.name} has no token ${name}`,
    `${meant ? `did you mean ${meant}? ` : ""}the tokens are: ${names.join(", ") || "none"}`,
  );
}
