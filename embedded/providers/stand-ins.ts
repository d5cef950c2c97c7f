/** The stand-ins and the official plugins they take the place of. */

/** What one stand-in takes the place of. */
export interface StandIn {
  /** The plugin's name: the engine looks for `pulumi-resource-<name>`. */
  readonly name: string;
  /** The npm package whose resources it serves. */
  readonly sdk: string;
  /** The version of that package it was written for. */
  readonly sdkVersion: string;
  /** What it does not do, in one line. */
  readonly lacks: string;
}

/** All stand-ins. `docs/providers.md` says more about each. */
export const STAND_INS: readonly StandIn[] = [
  {
    name: "kubernetes",
    sdk: "@pulumi/kubernetes",
    sdkVersion: "4.34.2",
    lacks:
      "no Helm, YAML files, kustomize, Patch or List resources; always server-side apply; Ingress is not awaited",
  },
  {
    name: "tls",
    sdk: "@pulumi/tls",
    sdkVersion: "5.6.1",
    lacks: "PrivateKey only: no certificates or certificate requests",
  },
  {
    name: "random",
    sdk: "@pulumi/random",
    sdkVersion: "4.21.2",
    lacks: "no bcryptHash; no RandomPet, RandomInteger or RandomShuffle",
  },
  {
    name: "aws",
    sdk: "@pulumi/aws",
    sdkVersion: "7.48.0",
    lacks: "creates nothing: ids and ARNs are computed, no request leaves the machine",
  },
];

/**
 * The version a stand-in reports: the SDK's, so that the engine does not complain of a plugin too old for it, with a
 * mark that no release of the official plugin has.
 */
export function versionOf(name: string): string {
  const standIn = STAND_INS.find((candidate) => candidate.name === name);
  return `${standIn?.sdkVersion ?? "0.0.0"}+standin`;
}
