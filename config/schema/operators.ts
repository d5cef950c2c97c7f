import { z } from "zod";

const operator = (version: string) =>
  z
    .strictObject({
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
    })
    .prefault({});

/** What a bare cluster lacks, as pinned Helm releases. */
export const operators = z.strictObject({
  /** CloudNativePG, which runs the database. */
  cloudNativePg: operator("0.29.0"),
  /** The Barman Cloud plugin, which archives the database; needs cert-manager. */
  barmanCloud: operator("0.7.0"),
  /** cert-manager, which gets the certificate. */
  certManager: operator("v1.20.2"),
  /** Traefik, with the entry points and the metrics that the cache needs. */
  traefik: operator("41.3.0"),
});
