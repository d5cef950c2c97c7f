import type { ICertificate } from "@kubernetes-models/cert-manager/cert-manager.io/v1/Certificate";
import type { StackConfig } from "../../config/index.ts";
import { names } from "../attic/names.ts";
import type { Manifest } from "../kubernetes/manifest.ts";
import { metadata } from "./metadata.ts";
import { hosts } from "./routes.ts";

/** The Secret that cert-manager keeps the certificate in. */
export const tlsSecret = `${names.api}-tls`;

/**
 * The certificate of the cache's name, with a new private key at each renewal.
 * @param awaited whether an update waits until it is signed; it would wait in vain where no issuer runs
 */
export function certificate(config: StackConfig, awaited: boolean): Manifest {
  const { kind, name } = config.ingress.issuer;
  return {
    apiVersion: "cert-manager.io/v1",
    kind: "Certificate",
    metadata: {
      ...metadata(names.api, config),
      ...(awaited && { annotations: { "pulumi.com/waitFor": "condition=Ready" } }),
    },
    spec: {
      secretName: tlsSecret,
      dnsNames: hosts(config),
      issuerRef: { group: "cert-manager.io", kind, name },
      privateKey: { algorithm: "ECDSA", size: 256, rotationPolicy: "Always" },
    },
  } satisfies ICertificate;
}
