import * as pulumi from "@pulumi/pulumi";
import { MockMonitor } from "@pulumi/pulumi/runtime/mocks.js";
import type { RawConfig } from "../config/load.ts";
import { mask } from "./mask.ts";

/** One resource that the program registered. */
export interface RecordedResource {
  urn: string;
  /** The type token, for instance `kubernetes:apps/v1:Deployment`. */
  type: string;
  name: string;
  /** URN of the component that it belongs to; empty for the stack itself. */
  parent: string;
  /** False for components. */
  custom: boolean;
  /** Its inputs, secrets masked. */
  inputs: Record<string, unknown>;
  /** URNs that it waits for, sorted. */
  dependsOn: string[];
  /** Whether Pulumi refuses to delete it. */
  protect: boolean;
  /** Whether it stays where it is when Pulumi lets go of it all the same. */
  retainOnDelete?: boolean;
}

/** What a program makes. */
export interface Recording {
  resources: RecordedResource[];
  outputs: Record<string, unknown>;
}

/** The parts of Pulumi's registration request that are recorded. */
interface Request {
  getType(): string;
  getName(): string;
  getParent(): string;
  getCustom(): boolean;
  getObject(): { toJavaScript(): Record<string, unknown> } | undefined;
  getDependenciesList(): string[];
  getProtect(): boolean | undefined;
  getRetainondelete(): boolean | undefined;
}

interface OutputsRequest {
  getUrn(): string;
  getOutputs(): { toJavaScript(): Record<string, unknown> } | undefined;
}

type Callback = (error: unknown, response: { getUrn(): string } | undefined) => void;

/** Pulumi's own mock monitor, which also remembers what it is asked for. */
class Recorder extends MockMonitor {
  readonly recorded: RecordedResource[] = [];
  outputs: Record<string, unknown> = {};

  override async registerResource(request: Request, callback: Callback): Promise<void> {
    await super.registerResource(request, (error: unknown, response: { getUrn(): string } | undefined) => {
      if (response) {
        this.recorded.push({
          urn: response.getUrn(),
          type: request.getType(),
          name: request.getName(),
          parent: request.getParent(),
          custom: request.getCustom(),
          inputs: mask(request.getObject()?.toJavaScript() ?? {}) as Record<string, unknown>,
          dependsOn: request.getDependenciesList().toSorted(),
          protect: request.getProtect() ?? false,
          retainOnDelete: request.getRetainondelete() ?? false,
        });
      }
      callback(error, response);
    });
  }

  override registerResourceOutputs(request: OutputsRequest, callback: Callback): void {
    if (request.getUrn().includes("::pulumi:pulumi:Stack::")) {
      this.outputs = mask(request.getOutputs()?.toJavaScript() ?? {}) as Record<string, unknown>;
    }
    super.registerResourceOutputs(request, callback);
  }
}

/** What a mocked provider answers: a resource's outputs beside its inputs, and the result of a function. */
export interface MockAnswers {
  state?(type: string, name: string, inputs: Record<string, unknown>): Record<string, unknown>;
  call?(token: string, inputs: Record<string, unknown>): Record<string, unknown>;
}

/** How a program is recorded. */
export interface RecordOptions {
  stack: string;
  config: RawConfig;
  /** True as in `pulumi preview`: what the providers compute is unknown. @default true */
  preview?: boolean;
  /** The providers' answers; nothing is computed when left out. */
  answers?: MockAnswers;
}

/**
 * Runs a Pulumi program in this process on Pulumi's mock monitor and records every resource. No engine, no
 * provider and no cluster is asked. Pulumi's runtime is global, so one program runs at a time.
 */
export async function record(
  program: () => Promise<Record<string, unknown>>,
  { stack, config, preview = true, answers = {} }: RecordOptions,
): Promise<Recording> {
  const mocks: pulumi.runtime.Mocks = {
    newResource: ({ type, name, inputs }) => ({
      id: preview ? undefined : `${name}-id`,
      // The engine itself keeps what is stashed; it needs no provider to know it.
      state: {
        ...inputs,
        ...(type === "pulumi:index:Stash" && { output: inputs.input }),
        ...answers.state?.(type, name, inputs),
      },
    }),
    call: ({ token, inputs }) => {
      if (!answers.call)
        throw new Error(`the program called ${token}, which has no answer without a provider`);
      return answers.call(token, inputs);
    },
  };
  await pulumi.runtime.setMocks(mocks, "attic", stack, preview);
  const recorder = new Recorder(mocks);
  pulumi.runtime.setMockOptions(recorder, "attic", stack, preview);
  pulumi.runtime.setAllConfig(config.values, [...config.secretKeys]);

  // Pulumi's runtime would report the error a second time, as an unhandled rejection.
  const failures: unknown[] = [];
  await pulumi.runtime.runInPulumiStack(() => program().catch((error) => void failures.push(error)));
  await pulumi.runtime.disconnect();
  if (failures.length > 0) throw failures[0];
  const resources = recorder.recorded.toSorted((a, b) => (a.urn < b.urn ? -1 : 1));
  return { resources, outputs: recorder.outputs };
}
