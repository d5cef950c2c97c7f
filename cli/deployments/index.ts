import type { RunResult } from "../../embedded/engine/engine.ts";
import { CliError } from "../errors.ts";
import { EXIT } from "../exit-codes.ts";
import type { StackOperation } from "./operation.ts";

export type { StackOperation } from "./operation.ts";

/** The stack that `npm run local` stands up, with a state of its own. */
export const embeddedStack = "local";

/** A resource in a stack's state. */
export interface StateResource {
  urn: string;
  type: string;
  /** The parent's URN. */
  parent?: string;
  /** True for what waits to be deleted, because another one took its place. */
  delete?: boolean;
  /** Secrets among them are wrapped as the state has them, decrypted. */
  outputs?: Record<string, unknown>;
}

/** What the last update of a stack left behind. */
export interface Deployment {
  /** The stack's outputs by name, its secrets in plain text; empty when nothing was brought up. */
  outputs(): Promise<Record<string, unknown>>;
  /** All resources of its state, their secrets decrypted. */
  resources(): Promise<StateResource[]>;
}

/** What Pulumi knows of a project's stacks. */
export interface Deployments {
  /** The stack that `pulumi stack select` chose; undefined when none is, or nobody can tell. */
  selected(folder: string): Promise<string | undefined>;
  /**
   * Opens what was deployed, to read it.
   * @param folder with Pulumi.yaml
   * @param stack as Pulumi names it, with an organisation where it has one
   * @throws CliError when there is no such stack, or no way to ask for it
   */
  open(folder: string, stack: string): Promise<Deployment>;
  /**
   * Runs the project's program on a stack by the engine.
   * @throws EngineError in words for a person
   * @throws CliError without an engine, or when there is nothing to run it on
   */
  operate(operation: StackOperation): Promise<RunResult>;
}

/**
 * Pulumi's own state: of the stack `local` below `.local/`, of any other one wherever the person's `pulumi` is logged
 * in. Loading Pulumi's SDK takes half a second, which only those commands pay that need it.
 */
export const pulumiDeployments: Deployments = {
  selected: async (folder) => (await import("./own.ts")).selectedStack(folder),
  open: async (folder, stack) =>
    stack === embeddedStack
      ? (await import("./embedded.ts")).openEmbedded(folder)
      : (await import("./own.ts")).openOwn(folder, stack),
  operate: async (operation) =>
    operation.stack === embeddedStack
      ? (await import("./operate-embedded.ts")).operateEmbedded(operation)
      : (await import("./operate-own.ts")).operateOwn(operation),
};

/** The command that brings a stack up. */
export const bringUp = (stack: string) =>
  stack === embeddedStack ? "npm run local" : `pulumi up --stack ${stack}`;

/** That nothing was brought up yet, and what brings it up. */
export const noState = (stack: string) =>
  new CliError(EXIT.notFound, `stack ${stack} has no state: nothing was brought up yet`, bringUp(stack));
