import * as kubernetes from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import type { StackConfig } from "../../config/index.ts";
import { partOf } from "../attic/names.ts";
import { restrictedNamespace } from "../kubernetes/namespace.ts";
import { resource } from "../kubernetes/resource.ts";
import { expectedApis } from "./apis.ts";
import { type Operator, type Release, releases } from "./releases.ts";

export type { Operator } from "./releases.ts";

/**
 * Looks up the APIs of the operators that the cluster is to have already. What depends on the result is not made
 * when one is missing; the error names the operator and the setting. An APIService is looked up and not the
 * definitions, which would put a megabyte of them into the state.
 */
export function operatorApis(config: StackConfig): pulumi.Resource[] {
  return expectedApis(config).map(({ api, lookUp }) =>
    kubernetes.apiregistration.v1.APIService.get(lookUp, api),
  );
}

/** What Operators are made of. */
export interface OperatorsArgs {
  /** The stack's configuration. */
  config: StackConfig;
}

/** The operators that the stack installs itself; none of them unless its settings say so. */
export class Operators extends pulumi.ComponentResource {
  readonly #installed = new Map<Operator, pulumi.Resource>();

  constructor(name: string, { config }: OperatorsArgs, options?: pulumi.ComponentResourceOptions) {
    super("attic:operators:Operators", name, {}, options);
    const own = new Map<string, pulumi.Resource>();
    for (const release of releases(config)) {
      const { namespace, ownNamespace } = release;
      if (ownNamespace && !own.has(namespace)) {
        own.set(namespace, resource(restrictedNamespace(namespace, partOf), { parent: this }));
      }
      const dependsOn = [own.get(namespace), ...this.needed(...release.after)].filter(
        (at) => at !== undefined,
      );
      this.#installed.set(release.operator, this.install(release, dependsOn));
    }
    this.registerOutputs({});
  }

  /** The releases of these operators, for what needs them to depend on; those that were there already are none. */
  needed(...operators: Operator[]): pulumi.Resource[] {
    return operators
      .map((operator) => this.#installed.get(operator))
      .filter((release) => release !== undefined);
  }

  private install(
    { name, chart, repository, version, namespace, values }: Release,
    dependsOn: pulumi.Resource[],
  ): pulumi.Resource {
    return new kubernetes.helm.v3.Release(
      name,
      {
        name,
        chart,
        version,
        repositoryOpts: { repo: repository },
        namespace,
        values,
        // An operator that does not come up is taken away again, so that the next update starts afresh.
        atomic: true,
        timeout: 600,
      },
      { parent: this, dependsOn },
    );
  }
}
