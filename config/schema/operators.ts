import { z } from "zod";
import { annotationKey } from "./primitives.ts";

const operator = (version: string) =>
  z.strictObject({
    /**
     * Whether the stack installs it. Leave it false where the cluster has it.
     * @default false
     */
    install: z.boolean().default(false),
    /** The version of its Helm chart. */
    version: z
      .string()
      .regex(/^v?\d+\.\d+\.\d+$/, "an exact chart version such as 1.2.3")
      .default(version),
  });

const traefik = operator("41.3.0").extend(
  z.strictObject({
    /**
     * Annotations of Traefik's Service, by which a cloud is told what load balancer to make: on AWS whether the
     * internet reaches it, and whether it keeps clients' addresses.
     * @default {}
     * @example { service.beta.kubernetes.io/aws-load-balancer-scheme: internet-facing }
     */
    serviceAnnotations: z.record(annotationKey(), z.string()).default({}),
  }).shape,
);

/** What a bare cluster lacks, as pinned Helm releases. */
export const operators = z.strictObject({
  /** CloudNativePG, which runs the database. */
  cloudNativePg: operator("0.29.0").prefault({}),
  /** The Barman Cloud plugin, which archives the database; needs cert-manager. */
  barmanCloud: operator("0.7.0").prefault({}),
  /** cert-manager, which gets the certificate. */
  certManager: operator("v1.20.2").prefault({}),
  /** Traefik, with the entry points and the metrics that the cache needs. */
  traefik: traefik.prefault({}),
});
