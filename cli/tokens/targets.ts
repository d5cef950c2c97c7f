import { momentName } from "../../components/tokens/calendar.ts";
import type { StackConfig } from "../../config/resolve.ts";
import type { StateResource } from "../deployments/index.ts";

/** The type of the component that all objects of tokens lie in. */
export const component = "attic:tokens:Tokens";

/** Whether a resource is the component Tokens, or lies in it. */
export const ofTokens = (urn: string) => urn.includes(`${component}$`) || urn.includes(`::${component}::`);

/** The URNs of the component Tokens and of what lies in it; none where the state has none. */
export const tokenUrns = (resources: readonly StateResource[]): string[] =>
  resources.filter((resource) => !resource.delete && ofTokens(resource.urn)).map(({ urn }) => urn);

/**
 * The moments of the declared root tokens, as patterns of URNs. An update of some resources alone has to name them, too,
 * whatever it is for: without the moment of a generation that was raised since the last one, the program cannot say when
 * that token ends, and fails.
 */
export const rootMoments = ({ tokens }: StackConfig): string[] =>
  Object.entries(tokens.root).map(
    ([name, { generation }]) => `**${component}$pulumi:index:Stash::${momentName(name, generation)}`,
  );
